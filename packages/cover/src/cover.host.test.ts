import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFuseMount, openFuseDevice } from '@ordeal/fuse';
import { cloneTree, type Fd, O_PATH, openPath } from '@ordeal/linux';
import { Cover, removeRecordedCover } from './cover.js';

/** A process with a mount namespace of its own, and two trees: `data`, to be covered, and `other`, to cover with. */
class Namespace {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-cover-'));
  readonly pid: number;
  readonly #roots: Fd[] = [];

  /** @param propagation of the namespace: `private` or `shared` */
  constructor(propagation: string) {
    for (const name of ['data', 'other']) {
      mkdirSync(this.path(name));
      writeFileSync(this.path(name, 'file'), name);
    }
    mkdirSync(this.path('data', 'with space'));
    writeFileSync(this.path('other', 'single'), 'single');
    execFileSync('ln', ['-s', this.path('data'), this.path('link')]);
    const script = `unshare --mount --propagation ${propagation} sh -c 'echo $$ >&3; exec sleep 100 3>&-' 3>&1 >/dev/null 2>&1 &`;
    this.pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** A detached mount of `other`, or of something in it. */
  mount(...names: string[]): Fd {
    const root = openPath(this.path('other', ...names), O_PATH);
    const mount = cloneTree(root);
    root.close();
    this.#roots.push(mount);
    return mount;
  }

  /** Runs a shell command in the namespace. */
  run(command: string): string {
    return execFileSync('nsenter', ['--target', String(this.pid), '--mount', 'sh', '-c', command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  mountLines(): number {
    return readFileSync(`/proc/${this.pid}/mountinfo`, 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.directory)).length;
  }

  close(): void {
    for (const root of this.#roots) root.close();
    process.kill(this.pid, 'SIGKILL');
    rmSync(this.directory, { recursive: true });
  }
}

async function withNamespace(
  propagation: string,
  body: (namespace: Namespace) => Promise<void>,
): Promise<void> {
  const namespace = new Namespace(propagation);
  try {
    await body(namespace);
  } finally {
    namespace.close();
  }
}

for (const propagation of ['private', 'shared']) {
  test(`a directory is covered in its namespace only, and uncovered (${propagation})`, () =>
    withNamespace(propagation, async (namespace) => {
      if (propagation === 'shared')
        namespace.run(`mount --bind ${namespace.directory} ${namespace.directory}`);
      const before = namespace.mountLines();
      const cover = await Cover.place(
        { pid: namespace.pid, path: namespace.path('data') },
        namespace.mount(),
      );
      const file = namespace.path('data', 'file');
      assert.equal(namespace.run(`cat ${file}`), 'other');
      assert.equal(readFileSync(file, 'utf8'), 'data', 'here nothing has changed');
      assert.equal(await readFile(file, 'utf8'), 'data', 'nor for the thread pool');
      assert.equal(readFileSync(`/proc/self/fd/${cover.tree.number}/file`, 'utf8'), 'data');
      assert.equal(readFileSync(`/proc/self/fd/${cover.origin.number}/file`, 'utf8'), 'data');
      assert.equal(cover.record.mounts.length, propagation === 'shared' ? 2 : 1);
      await cover.remove();
      await cover.remove();
      cover.close();
      assert.equal(namespace.run(`cat ${file}`), 'data');
      assert.equal(namespace.mountLines(), before);
    }));
}

test('a namespace that shares the mounts does not see the cover, and keeps nothing of it', () =>
  withNamespace('shared', async (namespace) => {
    namespace.run(`mount --bind ${namespace.directory} ${namespace.directory}`);
    const start = `unshare --mount --propagation unchanged sh -c 'echo $$ >&3; exec sleep 100 3>&-' 3>&1 >/dev/null 2>&1 &`;
    const peer = Number(namespace.run(start));
    const file = namespace.path('data', 'file');
    const inPeer = () => readFileSync(`/proc/${peer}/root${file}`, 'utf8');
    const linesOfPeer = () => readFileSync(`/proc/${peer}/mountinfo`, 'utf8').split('\n').length;
    const before = linesOfPeer();
    const cover = await Cover.place({ pid: namespace.pid, path: namespace.path('data') }, namespace.mount());
    assert.equal(namespace.run(`cat ${file}`), 'other');
    assert.ok(linesOfPeer() > before, 'it sees the shield');
    assert.doesNotMatch(readFileSync(`/proc/${peer}/mountinfo`, 'utf8'), /\/other /);
    assert.equal(inPeer(), 'data');
    await cover.remove();
    cover.close();
    assert.equal(linesOfPeer(), before);
    process.kill(peer, 'SIGKILL');
  }));

test('the path is there at every moment', () =>
  withNamespace('private', async (namespace) => {
    const file = namespace.path('data', 'file');
    const log = namespace.path('log');
    // The loop also ends when the whole directory goes away.
    namespace.run(
      `touch ${log}; while [ -e ${log} ] && [ ! -e ${log}.stop ]; do cat ${file} >/dev/null || echo missing; done >>${log} 2>&1 &`,
    );
    for (let turn = 0; turn < 10; turn++) {
      const cover = await Cover.place(
        { pid: namespace.pid, path: namespace.path('data') },
        namespace.mount(),
      );
      await cover.remove();
      cover.close();
    }
    writeFileSync(`${log}.stop`, '');
    assert.equal(readFileSync(log, 'utf8'), '');
  }));

test('a single file, a path with a space, a symbolic link', () =>
  withNamespace('private', async (namespace) => {
    const place = async (path: string, mount: Fd) => Cover.place({ pid: namespace.pid, path }, mount);
    const single = await place(namespace.path('data', 'file'), namespace.mount('single'));
    assert.equal(namespace.run(`cat ${namespace.path('data', 'file')}`), 'single');
    const spaced = await place(namespace.path('data', 'with space'), namespace.mount());
    assert.equal(namespace.run(`cat '${namespace.path('data', 'with space', 'file')}'`), 'other');
    for (const cover of [single, spaced]) {
      await cover.remove();
      cover.close();
    }
    const linked = await place(namespace.path('link'), namespace.mount());
    assert.equal(namespace.run(`cat ${namespace.path('data', 'file')}`), 'other');
    await linked.remove();
    linked.close();
    assert.equal(namespace.mountLines(), 0);
  }));

test('the path is that of a process with a root of its own', () =>
  withNamespace('private', async (namespace) => {
    const jail = namespace.path('data');
    const python = `import os, time; os.chroot("${jail}"); print(os.getpid(), flush=True); os.close(1); time.sleep(100)`;
    execFileSync('ln', ['-s', '/with space', join(jail, 'absolute link')]);
    const pid = Number(namespace.run(`python3 -c '${python}' &`));
    const cover = await Cover.place({ pid, path: '/absolute link' }, namespace.mount());
    assert.equal(namespace.run(`cat '${jail}/with space/file'`), 'other');
    await cover.remove();
    cover.close();
    process.kill(pid, 'SIGKILL');
    assert.equal(namespace.run(`ls '${jail}/with space'`), '');
  }));

test('a cover is found again from its record, and only that one', () =>
  withNamespace('private', async (namespace) => {
    const path = namespace.path('data');
    const cover = await Cover.place({ pid: namespace.pid, path }, namespace.mount());
    cover.close();
    assert.equal(await removeRecordedCover({ ...cover.record, mounts: [1] }), 0);
    assert.equal(await removeRecordedCover(cover.record), 1);
    assert.equal(await removeRecordedCover(cover.record), 0);
    assert.equal(namespace.run(`cat ${path}/file`), 'data');
  }));

test('a path that does not exist, and one that is a FIFO, are refused in words', () =>
  withNamespace('private', async (namespace) => {
    execFileSync('mkfifo', [namespace.path('fifo')]);
    for (const [name, message] of [
      ['nowhere', /nowhere cannot be reached in process \d+: .*ENOENT/],
      ['fifo', /fifo is neither a directory nor a regular file in process \d+/],
    ] as const) {
      await assert.rejects(
        Cover.place({ pid: namespace.pid, path: namespace.path(name) }, namespace.mount()),
        message,
      );
    }
    assert.ok(existsSync(namespace.path('data', 'file')));
  }));

test('a file system whose server is dead, or never answered, is put there and taken off without waiting', () =>
  withNamespace('private', async (namespace) => {
    const place = { pid: namespace.pid, path: namespace.path('data') };
    for (const dead of [true, false]) {
      const device = openFuseDevice();
      const mount = createFuseMount(device, {
        source: 'ordeal-test',
        subtype: 'ordeal',
        rootMode: 0o40755,
        defaultPermissions: true,
      });
      const cover = await Cover.place(place, mount);
      if (dead) device.close();
      cover.close();
      mount.close();
      assert.equal(await removeRecordedCover(cover.record), 1);
      device.close();
    }
    assert.equal(namespace.run(`cat ${namespace.path('data', 'file')}`), 'data');
    assert.equal(namespace.mountLines(), 0);
  }));
