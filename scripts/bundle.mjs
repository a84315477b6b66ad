import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './root.mjs';
import { workspaces } from './workspace-plugin.mjs';

/** The programs of an I/O injection, and their Workers. */
const INJECTION = {
  keeper: 'packages/io-chaos/dist/keeper/keeper.js',
  server: 'packages/io-chaos/dist/server/server.js',
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
    commands: { ordeal: 'packages/cli/dist/main.js', ...SUPERVISOR },
    programs: INJECTION,
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
 * Everything is bundled to CommonJS, since Node starts it with less work than ES modules: a program of an injection takes 25 ms
 * more than an empty one, where a hundred ES modules take 150 ms, and seconds in the lab VM, whose file system is remote.
 */
const COMMONJS = {
  format: 'cjs',
  define: { ...OPTIONS.define, 'import.meta.url': '__here' },
  banner: { js: "const __here=require('node:url').pathToFileURL(__filename).href;" },
};

/**
 * Bundles compiled commands, the programs of injections that they start, and assets, to a directory that needs nothing else.
 *
 * @param {string} directory
 * @param {{ commands: Record<string, string>, programs: Record<string, string>, assets: string[] }} contents `commands` and
 *   `programs`: paths in the repository by NAME, which become NAME.cjs; `assets`: files that modules look for, relative to the
 *   repository as below the bundle
 */
async function bundle(directory, { commands, programs, assets }) {
  const old = mkdirSync(directory, { recursive: true })
    ? []
    : readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const outputs = await Promise.all([
    bundleEach(directory, programs, true),
    bundleCommands(directory, commands, Object.keys({ ...commands, ...programs })),
  ]).then((lists) => lists.flat());
  for (const asset of assets) cpSync(join(root, asset), join(directory, asset), { recursive: true });
  for (const path of outputs) requirePrograms(path);
  // Files of earlier builds go last: a process that started before may still load them for a moment.
  const current = new Set(outputs.map((path) => relative(directory, path)));
  for (const { name } of old) if (!current.has(name)) rmSync(join(directory, name));
}

/**
 * Bundles programs that are started by their path, each to one file.
 *
 * @param {Record<string, string>} programs paths in the repository by NAME
 * @param {boolean} complete see {@link workspaces}
 * @returns {Promise<string[]>} the files
 */
async function bundleEach(directory, programs, complete = false) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    ...OPTIONS,
    ...COMMONJS,
    entryPoints: programs,
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    plugins: [workspaces(directory, { programs: Object.keys(programs), complete })],
  });
  return Object.keys(metafile.outputs).map((path) => join(root, path));
}

/**
 * Bundles commands, which share their modules, and load those of a subcommand when it is called. esbuild parts only ES modules
 * like this, so the parts are made CommonJS afterwards.
 *
 * @param {Record<string, string>} commands paths in the repository by NAME
 * @param {readonly string[]} programs see {@link workspaces}
 * @returns {Promise<string[]>} the files
 */
async function bundleCommands(directory, commands, programs) {
  const { build, transform } = await import('esbuild');
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: commands,
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    chunkNames: '[name]-[hash]',
    splitting: true,
    format: 'esm',
    write: false,
    plugins: [workspaces(directory, { programs, complete: true })],
  });
  const { platform, target, minifySyntax, minifyWhitespace } = OPTIONS;
  const options = {
    ...COMMONJS,
    banner: COMMONJS.banner.js,
    platform,
    target,
    minifySyntax,
    minifyWhitespace,
  };
  // `import()` of CommonJS would look for its exports first.
  const supported = { 'dynamic-import': false };
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      writeFileSync(path, (await transform(text, { ...options, supported })).code);
      return path;
    }),
  );
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
