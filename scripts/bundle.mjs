import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './root.mjs';
import { CREATE_REQUIRE, workspaces } from './workspace-plugin.mjs';

const bundle = join(root, 'packages/cli/dist/bundle');

/**
 * Bundles the compiled CLI: one file to start from and one for each command: opening a hundred files takes seconds in the lab VM, where the
 * file system is remote.
 */
export async function bundleCli() {
  const { build, stop } = await import('esbuild');
  const old = mkdirSync(bundle, { recursive: true }) ? [] : readdirSync(bundle);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { ordeal: 'packages/cli/dist/main.js' },
    outdir: bundle,
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: CREATE_REQUIRE },
    plugins: [workspaces(bundle)],
    logLevel: 'warning',
  });
  await stop();
  // Files of earlier builds go last: a process that started before may still import them for a moment.
  const current = new Set(Object.keys(metafile.outputs).map((path) => relative(bundle, join(root, path))));
  for (const name of old) if (!current.has(name)) rmSync(join(bundle, name));
}
