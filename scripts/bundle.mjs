import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './root.mjs';
import { CREATE_REQUIRE, workspaces } from './workspace-plugin.mjs';

/** The programs and Workers that an I/O injection starts. */
const INJECTION = {
  keeper: 'packages/io-chaos/dist/keeper/keeper.js',
  server: 'packages/io-chaos/dist/server/server.js',
  'serving-thread': 'packages/io-chaos/dist/server/serving-thread.js',
  mover: 'packages/io-chaos/dist/mover/mover.js',
  'offload-thread': 'packages/fault-fs/dist/offload/offload-thread.js',
  visitor: 'packages/cover/dist/visitor.js',
};

/** What holds the detached runs of the CLI. */
const SUPERVISOR = 'packages/supervisor/dist/wire/supervisor-process.js';

/** Bundles the compiled CLI. */
export function bundleCli() {
  return bundle(join(root, 'packages/cli/dist/bundle'), {
    programs: { ordeal: 'packages/cli/dist/main.js', 'supervisor-process': SUPERVISOR, ...INJECTION },
    assets: [
      'packages/lab/guest',
      'packages/lab/kernel',
      'packages/cli/incidents',
      'packages/ui/dist/browser/page.js',
      'charts/ordeal',
    ],
  });
}

/** Makes one file of the script of the page that `ordeal ui` serves. */
export async function bundlePage() {
  const { build, stop } = await import('esbuild');
  const directory = join(root, 'packages/ui/dist/browser');
  await build({
    entryPoints: [join(directory, 'main.js')],
    outfile: join(directory, 'page.js'),
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
  await stop();
}

/** Bundles the programs that run in a cluster. @returns {Promise<string>} the directory */
export async function bundleClusterPrograms() {
  const directory = join(root, 'packages/agent/dist/bundle');
  const programs = {
    'ordeal-agent': 'packages/agent/bin/ordeal-agent.mjs',
    'ordeal-controller': 'packages/controller/bin/ordeal-controller.mjs',
  };
  await bundle(directory, { programs: { ...programs, ...INJECTION }, assets: ['charts/ordeal'] });
  return directory;
}

/**
 * Bundles compiled programs with everything they need but koffi: a file NAME.mjs for each program, which share the rest. Opening a
 * hundred files costs each program a quarter of a second, and seconds in the lab VM, where the file system is remote.
 *
 * @param {string} directory
 * @param {{ programs: Record<string, string>, assets: string[] }} contents `programs`: paths in the repository by NAME; `assets`:
 *   files that modules look for, relative to the repository as below the bundle
 */
async function bundle(directory, { programs, assets }) {
  const { build, stop } = await import('esbuild');
  const old = mkdirSync(directory, { recursive: true })
    ? []
    : readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir: directory,
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
    plugins: [workspaces(directory, { programs: Object.values(programs), complete: true })],
    logLevel: 'warning',
  });
  await stop();
  for (const asset of assets) cpSync(join(root, asset), join(directory, asset), { recursive: true });
  const outputs = Object.keys(metafile.outputs).map((path) => join(root, path));
  for (const path of outputs) requirePrograms(path);
  // Files of earlier builds go last: a process that started before may still import them for a moment.
  const current = new Set(outputs.map((path) => relative(directory, path)));
  for (const { name } of old) if (!current.has(name)) rmSync(join(directory, name));
}

/** A program that a module starts and that is not in the bundle still has its place among the packages. */
function requirePrograms(path) {
  const [, program] = /new URL\("(\.[^"]*\.js)",\s*new URL\(/.exec(readFileSync(path, 'utf8')) ?? [];
  if (program !== undefined) throw new Error(`${path} starts ${program}, which is not in the bundle`);
}

/** The commit of the checkout, marked where files differ from it; empty outside a checkout. */
function commit() {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : '';
}
