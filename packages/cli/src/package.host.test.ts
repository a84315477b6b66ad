import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERSION } from './version.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'ordeal-package-'));
after(() => rmSync(directory, { recursive: true }));

/** Without what npm tells the scripts that it runs about this repository. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')),
);

function run(command: string, args: readonly string[], cwd = directory, path = ''): string {
  return execFileSync(command, args, {
    cwd,
    // jest leaves its cache in TMPDIR.
    env: { ...environment, PATH: `${path}:${environment.PATH}`, TMPDIR: directory },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const QUIET = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];

/** @returns the path of the package */
function pack(): string {
  run(process.execPath, [join(repository, 'scripts/package.mjs'), '--built']);
  run('npm', ['pack', '-w', 'ordeal', '--ignore-scripts', '--pack-destination', directory], repository);
  const [archive = ''] = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
  return join(directory, archive);
}

/** Installs for all users of a directory. @returns the directory */
function install(archive: string): string {
  const prefix = join(directory, 'prefix');
  run('npm', ['install', '--global', `--prefix=${prefix}`, ...QUIET, archive]);
  return prefix;
}

const archive = pack();
const prefix = install(archive);

/** A copy of a directory of `examples`. */
function example(name: string): string {
  const copy = join(directory, name);
  cpSync(join(repository, 'examples', name), copy, { recursive: true });
  return copy;
}

test('the npm package works where there is nothing else of this repository', () => {
  const ordeal = (...args: string[]) => run(join(prefix, 'bin/ordeal'), args);
  assert.ok(ordeal('--version').startsWith(VERSION));
  const volume = join(directory, 'volume');
  mkdirSync(volume);
  ordeal('new', 'flaky-drive', '--volume', volume, '-o', 'flaky.yaml');
  assert.match(ordeal('validate', 'flaky.yaml'), /^1 experiment/);
  assert.match(ordeal('doctor', '--json'), /"kernel":/);
  ordeal('lab', 'list');
  assert.match(ordeal('install', '--dry-run'), /^kind: DaemonSet$/m);
  // Its keeper, server and mover are those of the package, too.
  const events = ordeal('run', 'flaky.yaml', '--json', '--duration', '10s', '--', 'cat', 'flaky.yaml');
  assert.match(events, /"type":"armed"/);
  assert.match(events, /"type":"lifted"/);
  assert.match(readFileSync(join(prefix, 'share/man/man1/ordeal.1'), 'utf8'), /^\.SS "ordeal lab run /m);
  const packages = readdirSync(join(prefix, 'lib/node_modules/ordeal/node_modules'));
  assert.deepEqual(
    packages.filter((name) => !name.startsWith('.') && name !== '@koromix'),
    ['koffi'],
  );
});

test('the library works in tests of node:test, vitest and jest', () => {
  const project = example('javascript');
  run('npm', ['ci', ...QUIET], project);
  run('npm', ['install', '--no-save', ...QUIET, archive], project);
  for (const script of ['node-test', 'vitest', 'jest']) run('npm', ['run', script], project);
});

test('the fixture for pytest works', () => {
  const pytest = ['-m', 'pytest', '-p', 'no:cacheprovider', '--basetemp', join(directory, 'pytest')];
  const said = run('/usr/bin/python3', pytest, example('python'), join(prefix, 'bin'));
  assert.match(said, /1 passed/);
});
