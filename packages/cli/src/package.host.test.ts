import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

function run(command: string, args: readonly string[], cwd = directory): string {
  return execFileSync(command, args, {
    cwd,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Packs and installs for all users of a directory. @returns the directory */
function install(): string {
  run(process.execPath, [join(repository, 'scripts/package.mjs'), '--built']);
  run('npm', ['pack', '-w', 'ordeal', '--ignore-scripts', '--pack-destination', directory], repository);
  const [archive = ''] = readdirSync(directory).filter((name) => name.endsWith('.tgz'));
  const prefix = join(directory, 'prefix');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  run('npm', ['install', '--global', `--prefix=${prefix}`, ...quiet, join(directory, archive)]);
  return prefix;
}

test('the npm package works where there is nothing else of this repository', () => {
  const prefix = install();
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
