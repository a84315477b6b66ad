import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { root } from './root.mjs';
import { CREATE_REQUIRE, workspaces } from './workspace-plugin.mjs';

const bundle = join(root, 'packages/cli/dist/bundle');

/** The CLI, and the programs and Workers that it starts. */
const ENTRY_POINTS = [
  'packages/cli/dist/main.js',
  'packages/io-chaos/dist/inject/keeper.js',
  'packages/io-chaos/dist/inject/server.js',
  'packages/io-chaos/dist/inject/serving-thread.js',
  'packages/io-chaos/dist/inject/mover.js',
  'packages/io-chaos/dist/fs/offload/offload-thread.js',
  'packages/io-chaos/dist/mount/visitor.js',
];
const MAIN = 'ordeal';
/** Files that modules look for, relative to the repository as below the bundle. */
const ASSETS = ['packages/lab/guest', 'packages/lab/kernel', 'packages/cli/incidents', 'charts/ordeal'];

/**
 * Bundles the compiled CLI with everything it needs but koffi: a file for each program and each command, which share the rest. Opening a hundred files costs each
 * program a quarter of a second, and seconds in the lab VM, where the file system is remote.
 */
export async function bundleCli() {
  const { build, stop } = await import('esbuild');
  const old = mkdirSync(bundle, { recursive: true })
    ? []
    : readdirSync(bundle, { withFileTypes: true }).filter((entry) => entry.isFile());
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(ENTRY_POINTS.map((path) => [programName(path), path])),
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
    define: { ORDEAL_COMMIT: JSON.stringify(commit()) },
    plugins: [workspaces(bundle, { programs: ENTRY_POINTS, complete: true })],
    logLevel: 'warning',
  });
  await stop();
  for (const asset of ASSETS) cpSync(join(root, asset), join(bundle, asset), { recursive: true });
  // Files of earlier builds go last: a process that started before may still import them for a moment.
  const current = new Set(Object.keys(metafile.outputs).map((path) => relative(bundle, join(root, path))));
  for (const { name } of old) if (!current.has(name)) rmSync(join(bundle, name));
}

function programName(path) {
  const name = basename(path, '.js');
  return name === 'main' ? MAIN : name;
}

/** The commit of the checkout, marked where files differ from it; empty outside a checkout. */
function commit() {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : '';
}
