import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PuppetTarget } from '../testing/puppet-target.js';
import { eventually } from '../testing/target.js';
import { checkVolume } from './check-volume.js';
import { mountNamespaceOf } from './mount-namespace.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-check-'));
const run = join(directory, 'run');
mkdirSync(run);
after(() => rmSync(directory, { recursive: true }));

/** Ways to write one path. @param link a symbolic link to it */
function spellings(path: string, link: string): string[] {
  const [, first, ...rest] = path.split('/');
  const detour = `/${[first, '..', first, ...rest].join('/')}`;
  return [path, `${path}/`, `${path}/.`, `/${path}`, path.replaceAll('/', '//'), detour, link, `${link}/`];
}

function refusal(pid: number, path: string): string {
  try {
    checkVolume(run, pid, path).origin.close();
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ORD-711', `${path}: ${(error as Error).message}`);
    return (error as Error).message;
  }
  return assert.fail(`${path} is taken`);
}

test('what Ordeal itself needs is refused, however its path is written', () => {
  const own = join(import.meta.dirname, '..');
  for (const path of [run, own, join(process.execPath, '..')]) {
    const link = join(mkdtempSync(join(directory, 'link-')), 'link');
    symlinkSync(path, link);
    for (const spelling of spellings(path, link)) {
      assert.match(refusal(process.pid, spelling), /holds \/.*, which Ordeal itself needs$/);
    }
  }
});

test('a volume with a file system of the kernel below it is refused, however its path is written', async () => {
  const target = new PuppetTarget();
  try {
    const { volume } = target;
    const link = target.path('link');
    symlinkSync('data', link);
    await target.run(
      'import os, subprocess\nos.mkdir(volume + "/proc")\n' +
        'subprocess.run(["mount", "-t", "proc", "proc", volume + "/proc"], check=True)',
    );
    for (const spelling of spellings(volume, link)) {
      const message = refusal(target.pid, spelling);
      assert.ok(message.startsWith(`${volume}/proc below ${spelling}`), message);
      assert.ok(message.endsWith(' is a file system of the kernel itself (proc)'), message);
    }
    assert.match(refusal(target.pid, `${link}/proc/sys`), /\/data\/proc\/sys\) is on proc, a file system/);
    assert.match(refusal(target.pid, '/'), /below \/ is a file system of the kernel itself/);
  } finally {
    target.close();
  }
});

test('a target with a root directory of its own: paths are below it', async () => {
  const target = new PuppetTarget();
  let neighbour: ChildProcess | undefined;
  try {
    const { volume, directory: root, pid } = target;
    await target.run(
      'import os, subprocess\nos.mkdir(volume + "/proc")\n' +
        'subprocess.run(["mount", "-t", "proc", "proc", volume + "/proc"], check=True)\n' +
        `os.mkdir(${JSON.stringify(root)} + "/plain")\nos.chroot(${JSON.stringify(root)})`,
    );
    checkVolume(run, pid, '/plain').origin.close();
    assert.match(refusal(pid, '/data'), /^\/data\/proc below \/data is a file system of the kernel/);
    assert.throws(() => checkVolume(run, pid, volume), {
      code: 'ORD-753',
      message: `${volume} cannot be reached in process ${pid}, whose root directory is ${root}: openat2(${volume}): ENOENT`,
    });
    // Its root lies in the mount itself, which it does not see then; somebody else does.
    await target.run('import os\nos.chroot("/data/proc/sys")');
    neighbour = spawn('nsenter', ['--target', `${pid}`, '--mount', 'sleep', 'inf']);
    await eventually('a neighbour', () => mountNamespaceOf(neighbour?.pid ?? -1) === mountNamespaceOf(pid));
    assert.match(refusal(pid, '/kernel'), /is on proc, a file system of the kernel itself$/);
  } finally {
    neighbour?.kill('SIGKILL');
    target.close();
  }
});

test('any other volume is taken, however its path is written', () => {
  const volume = mkdtempSync(join(directory, 'volume-'));
  const link = `${volume}-link`;
  symlinkSync(volume, link);
  for (const spelling of spellings(volume, link)) checkVolume(run, process.pid, spelling).origin.close();
});
