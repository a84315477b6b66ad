import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServedVolume } from '@ordeal/fault-fs/testing';
import { type FileLock, O_PATH, openPath } from '@ordeal/linux';
import type { HeldLocks, MoveReport } from '@ordeal/move';
import { Move, sameFilesBelow } from '@ordeal/move';
import { eventually, pause, TwoMounts } from '@ordeal/move/testing';

/** Moves between a directory and the fault file system that is served over it. */
class ServedMoves {
  readonly volume: ServedVolume;
  readonly targets = new TwoMounts();

  private constructor(volume: ServedVolume) {
    this.volume = volume;
  }

  static async start(): Promise<ServedMoves> {
    return new ServedMoves(await ServedVolume.start(tmpdir()));
  }

  move(direction: 'there' | 'back', pid: number, heldLocks?: HeldLocks): MoveReport {
    const paths = [this.volume.original, this.volume.mounted];
    const [from, to] = (direction === 'there' ? paths : paths.reverse()).map((path) =>
      openPath(path, O_PATH),
    );
    if (!from || !to) throw new Error('no roots');
    const move = new Move({
      from: from.number,
      openOnNewSide: sameFilesBelow(to.number, { isSame: (opened, old) => opened.inode === old.inode }),
      processes: () => [pid],
      writeBack: direction === 'back',
      ...(heldLocks && { heldLocks }),
    });
    try {
      return move.run();
    } finally {
      move.close();
      from.close();
      to.close();
    }
  }

  async stop(): Promise<void> {
    this.targets.close();
    await this.volume.stop();
  }
}

test('a writer goes to the fault file system and back 20 times and loses no line', async (t) => {
  const moves = await ServedMoves.start();
  const { targets, volume } = moves;
  try {
    const pid = targets.start(targets.compile('append-writer'), volume.original, '4');
    await eventually('the writer writes', () => readdirSync(volume.original).length === 3);
    const stops: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const report = moves.move(turn % 2 === 0 ? 'there' : 'back', pid);
      assert.deepEqual(report.left, []);
      assert.equal(report.processes[0]?.descriptors, 3);
      stops.push(...(report.processes[0]?.stopsMs ?? []));
      const link = readlinkSync(`/proc/${pid}/fd/3`);
      assert.equal(link, join(turn % 2 === 0 ? volume.mounted : volume.original, 'shared'));
      await pause(20);
    }
    process.kill(pid, 'SIGTERM');
    await eventually('the writer ends', () => readFileSync(targets.path('output'), 'utf8') !== '');
    const [lines, , errors] = [...readFileSync(targets.path('output'), 'utf8').matchAll(/\d+/g)].map(Number);
    assert.equal(errors, 0);
    const next = new Map<string, number>();
    let found = 0;
    for (const name of readdirSync(volume.original)) {
      for (const line of readFileSync(join(volume.original, name), 'utf8').split('\n').slice(0, -1)) {
        const [thread = '', number] = line.split(' ');
        assert.equal(Number(number), next.get(thread) ?? 0);
        next.set(thread, Number(number) + 1);
        found++;
      }
    }
    assert.equal(found, lines);
    stops.sort((a, b) => a - b);
    t.diagnostic(
      `${lines} lines; stopped for ${stops[20]?.toFixed(2)} ms (median), ${stops[39]?.toFixed(2)} ms (longest)`,
    );
  } finally {
    await moves.stop();
  }
});

test('the working directory, a mapping and a directory listing go there and back', async () => {
  const moves = await ServedMoves.start();
  const { targets, volume } = moves;
  try {
    const puppet = await targets.startPuppet();
    await puppet.run(`
old = ${JSON.stringify(volume.original)}
os.mkdir(old + "/sub"); [open(old + f"/sub/{i}", "w").close() for i in range(20)]
open(old + "/a", "w").write("A" * 8192); os.chdir(old + "/sub")
f = os.open(old + "/a", os.O_RDWR); d = os.open(old + "/sub", os.O_RDONLY)
m = mmap.mmap(f, 8192, mmap.MAP_PRIVATE); m[0:5] = b"dirty"
`);
    assert.deepEqual(moves.move('there', puppet.pid).left, []);
    assert.equal(readlinkSync(`/proc/${puppet.pid}/cwd`), join(volume.mounted, 'sub'));
    const there = await puppet.run(`
open("new", "w").write("x"); os.pwrite(f, b"BB", 4096)
result = [m[0:6].decode(), len(os.listdir(d)), m[4096:4098].decode()]
`);
    assert.deepEqual(there, ['dirtyA', 21, 'BB']);
    assert.deepEqual(moves.move('back', puppet.pid).left, []);
    assert.equal(readlinkSync(`/proc/${puppet.pid}/cwd`), join(volume.original, 'sub'));
    assert.deepEqual(await puppet.run('result = [m[0:6].decode(), len(os.listdir("."))]'), ['dirtyA', 21]);
  } finally {
    await moves.stop();
  }
});

test('a directory stream goes on where it was: no name is missed or told twice', async () => {
  const moves = await ServedMoves.start();
  const { targets, volume } = moves;
  try {
    const puppet = await targets.startPuppet();
    await puppet.run(`
sub = ${JSON.stringify(volume.original)} + "/sub"; os.mkdir(sub)
names = {f"{number:04}-" + "long" * 20 for number in range(2000)}
for name in names: open(sub + "/" + name, "w").close()
streams = [os.scandir(sub) for _ in range(12)]
found = [[next(stream).name for _ in range(1 + 150 * index)] for index, stream in enumerate(streams)]
`);
    assert.deepEqual(moves.move('there', puppet.pid).left, []);
    await puppet.run(`
for index, stream in enumerate(streams): found[index] += [entry.name for _, entry in zip(range(700), stream)]
`);
    assert.deepEqual(moves.move('back', puppet.pid).left, []);
    const result = await puppet.run(`
for index, stream in enumerate(streams): found[index] += [entry.name for entry in stream]
result = [[len(names - set(each)), len(each) - len(set(each))] for each in found]
`);
    assert.deepEqual(result, Array(12).fill([0, 0]));
  } finally {
    await moves.stop();
  }
});

test('a shared mapping and locks count on both sides', async () => {
  const moves = await ServedMoves.start();
  const { targets, volume } = moves;
  try {
    const puppet = await targets.startPuppet();
    const other = await targets.startPuppet();
    await puppet.run(`
path = ${JSON.stringify(join(volume.original, 'a'))}; open(path, "w").write("A" * 4096)
f = os.open(path, os.O_RDWR); m = mmap.mmap(f, 4096, mmap.MAP_SHARED); m[0:3] = b"one"
fcntl.lockf(f, fcntl.LOCK_EX, 10, 5)
g = os.open(${JSON.stringify(join(volume.original, 'b'))}, os.O_RDWR | os.O_CREAT); fcntl.flock(g, fcntl.LOCK_EX)
`);
    const refused = () =>
      other.run(`
f, g = [os.open(${JSON.stringify(volume.original)} + name, os.O_RDWR) for name in ("/a", "/b")]; result = []
try: fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 8); result.append("posix lock was free")
except OSError: pass
try: fcntl.flock(g, fcntl.LOCK_EX | fcntl.LOCK_NB); result.append("flock was free")
except OSError: pass
os.close(f); os.close(g)
`);
    assert.deepEqual(await refused(), []);
    assert.deepEqual(moves.move('there', puppet.pid).left, []);
    assert.deepEqual(await refused(), []);
    assert.deepEqual(
      await puppet.run('m[4:7] = b"two"; result = [m[0:7].decode(), os.pread(f, 7, 0).decode()]'),
      ['oneAtwo', 'oneAtwo'],
    );
    // What a server of ours would know of its locks.
    const locksOf = (descriptor: number, pid: number): FileLock[] => {
      const link = readlinkSync(`/proc/self/fd/${descriptor}`);
      if (link.endsWith('/b')) return [{ kind: 'FLOCK', exclusive: true, inode: '', start: 0n, length: 0n }];
      return pid === puppet.pid
        ? [{ kind: 'POSIX', exclusive: true, inode: '', start: 5n, length: 10n }]
        : [];
    };
    assert.deepEqual(moves.move('back', puppet.pid, { locksOf, release: () => undefined }).left, []);
    assert.deepEqual(await refused(), []);
    assert.equal(readFileSync(join(volume.original, 'a'), 'utf8').slice(0, 7), 'oneAtwo');
  } finally {
    await moves.stop();
  }
});

test('a deleted file cannot be found by name there: it stays, and that is said', async () => {
  const moves = await ServedMoves.start();
  const { targets, volume } = moves;
  try {
    const puppet = await targets.startPuppet();
    await puppet.run(`
f = os.open(${JSON.stringify(join(volume.original, 'gone'))}, os.O_RDWR | os.O_CREAT); os.unlink(${JSON.stringify(join(volume.original, 'gone'))})
`);
    const [left] = moves.move('there', puppet.pid).left;
    assert.match(left?.reason ?? '', /cannot be opened on the new side|has no name any more/);
    assert.equal(await puppet.run('os.write(f, b"still"); result = os.pread(f, 9, 0).decode()'), 'still');
  } finally {
    await moves.stop();
  }
});
