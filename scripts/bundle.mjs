import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './root.mjs';
import { CREATE_REQUIRE, workspaces } from './workspace-plugin.mjs';

/** The programs of an I/O injection, and their Workers. */
const INJECTION = {
  keeper: 'packages/io-chaos/dist/keeper/keeper.js',
  server: 'packages/io-chaos/dist/server/server.js',
  'serving-thread': 'packages/io-chaos/dist/server/serving-thread.js',
  mover: 'packages/io-chaos/dist/mover/mover.js',
  'offload-thread': 'packages/fault-fs/dist/offload/offload-thread.js',
  visitor: 'packages/cover/dist/visitor.js',
};

/** What holds the detached runs of the CLI. */
const SUPERVISOR = { 'supervisor-process': 'packages/supervisor/dist/wire/supervisor-process.js' };

/** Bundles the programs that the packages start, for their tests. */
export async function bundlePrograms() {
  await Promise.all([
    bundleEach(join(root, 'packages/io-chaos/dist/programs'), INJECTION),
    bundleEach(join(root, 'packages/supervisor/dist/programs'), SUPERVISOR),
  ]);
}

/** Bundles the compiled CLI. */
export function bundleCli() {
  return bundle(join(root, 'packages/cli/dist/bundle'), {
    commands: { ordeal: 'packages/cli/dist/main.js' },
    programs: { ...SUPERVISOR, ...INJECTION },
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
  const { build } = await import('esbuild');
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
}

/** Ends the process that bundles. */
export async function stopBundler() {
  const { stop } = await import('esbuild');
  await stop();
}

/** Bundles the programs that run in a cluster. @returns {Promise<string>} the directory */
export async function bundleClusterPrograms() {
  const directory = join(root, 'packages/agent/dist/bundle');
  const commands = {
    'ordeal-agent': 'packages/agent/bin/ordeal-agent.mjs',
    'ordeal-controller': 'packages/controller/bin/ordeal-controller.mjs',
  };
  await bundle(directory, { commands, programs: INJECTION, assets: ['charts/ordeal'] });
  await stopBundler();
  return directory;
}

/** How all programs are bundled. Everything that they need is in the bundle, but koffi. */
const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  metafile: true,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  define: { ORDEAL_COMMIT: JSON.stringify(commit()) },
  logLevel: 'warning',
};

/**
 * Bundles compiled commands, the programs that they start, and assets, to a directory that needs nothing else. Commands share
 * their modules, and load those of a subcommand only when it is called. Opening a hundred files costs a quarter of a second, and
 * seconds in the lab VM, where the file system is remote.
 *
 * @param {string} directory
 * @param {{ commands: Record<string, string>, programs: Record<string, string>, assets: string[] }} contents `commands` and
 *   `programs`: paths in the repository by NAME, which become NAME.mjs and NAME.cjs; `assets`: files that modules look for,
 *   relative to the repository as below the bundle
 */
async function bundle(directory, { commands, programs, assets }) {
  const { build } = await import('esbuild');
  const old = mkdirSync(directory, { recursive: true })
    ? []
    : readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const names = Object.keys(programs);
  const [each, { metafile }] = await Promise.all([
    bundleEach(directory, programs, true),
    build({
      ...OPTIONS,
      entryPoints: commands,
      outdir: directory,
      outExtension: { '.js': '.mjs' },
      chunkNames: '[name]-[hash]',
      splitting: true,
      format: 'esm',
      banner: { js: CREATE_REQUIRE },
      plugins: [workspaces(directory, { programs: names, complete: true })],
    }),
  ]);
  for (const asset of assets) cpSync(join(root, asset), join(directory, asset), { recursive: true });
  const outputs = [...each, ...Object.keys(metafile.outputs).map((path) => join(root, path))];
  for (const path of outputs) requirePrograms(path);
  // Files of earlier builds go last: a process that started before may still import them for a moment.
  const current = new Set(outputs.map((path) => relative(directory, path)));
  for (const { name } of old) if (!current.has(name)) rmSync(join(directory, name));
}

/**
 * Bundles programs that are started by their path: each becomes one file, NAME.cjs. CommonJS, since Node starts it with less work
 * than a module: a process of an injection starts within 25 ms more than an empty one.
 *
 * @param {Record<string, string>} programs paths in the repository by NAME
 * @param {boolean} complete see {@link workspaces}
 * @returns {Promise<string[]>} the files
 */
async function bundleEach(directory, programs, complete = false) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: programs,
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    define: { ...OPTIONS.define, 'import.meta.url': '__here' },
    banner: { js: "const __here=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [workspaces(directory, { programs: Object.keys(programs), complete })],
  });
  return Object.keys(metafile.outputs).map((path) => join(root, path));
}

/** A program that a module starts and that is not in the bundle still has its place among the packages. */
function requirePrograms(path) {
  const [, program] = /new URL\("(\.[^"]*\.c?js)",\s*new URL\(/.exec(readFileSync(path, 'utf8')) ?? [];
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
