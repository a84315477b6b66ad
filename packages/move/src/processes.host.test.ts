import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { OrdealError } from '@ordeal/diagnostics';
import { processTree, sendSignal } from '@ordeal/linux';
import { eventually, pause, TwoMounts } from './testing/two-mounts.js';

const stateOf = (pid: number) => /^State:\s*(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

/** The descriptors of a process that lead below the two mounts, and where each leads. */
function filesOf(pid: number, mounts: TwoMounts): { readonly number: string; readonly link: string }[] {
  return readdirSync(`/proc/${pid}/fd`)
    .map((number) => ({ number, link: readlinkSync(`/proc/${pid}/fd/${number}`) }))
    .filter(({ link }) => link.startsWith(mounts.path('old/')) || link.startsWith(mounts.path('new/')));
}

const linksOf = (pid: number, mounts: TwoMounts) => filesOf(pid, mounts).map(({ link }) => link);

test('a process with 1000 files and 50 threads', async (t) => {
  const mounts = new TwoMounts();
  try {
    const pid = mounts.start(mounts.compile('crowd'), mounts.path('old'), '1000', '50');
    await eventually('the crowd is there', () =>
      readFileSync(mounts.path('output'), 'utf8').includes('ready'),
    );
    const stops: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const report = mounts.run(turn % 2 === 0 ? 'there' : 'back');
      assert.deepEqual(report.left, []);
      assert.equal(report.processes[0]?.descriptors, 1000);
      assert.equal(report.processes[0]?.threads, 51);
      stops.push(...(report.processes[0]?.stopsMs ?? []));
      await pause(20);
    }
    const files = filesOf(pid, mounts);
    assert.equal(files.length, 1000);
    for (const { number, link } of files) {
      const file = /\d+$/.exec(link)?.[0];
      const position = /^pos:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${number}`, 'utf8'))?.[1];
      assert.equal(position, file);
    }
    t.diagnostic(`stopped for ${stops.map((stop) => stop.toFixed(1)).join(', ')} ms`);
  } finally {
    mounts.close();
  }
});

test('a stopped process stays stopped, and a signal that waits is delivered afterwards', async () => {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`
seen = []; signal.signal(signal.SIGUSR1, lambda *_: seen.append("usr1"))
a = os.open(${JSON.stringify(mounts.path('old', 'a'))}, os.O_RDWR | os.O_CREAT)
`);
    process.kill(puppet.pid, 'SIGSTOP');
    await eventually('it is stopped', () => stateOf(puppet.pid) === 'T');
    process.kill(puppet.pid, 'SIGUSR1');
    assert.deepEqual(mounts.run('there').left, []);
    await pause(20);
    assert.equal(stateOf(puppet.pid), 'T');
    assert.deepEqual(linksOf(puppet.pid, mounts), [mounts.path('new', 'a')]);
    process.kill(puppet.pid, 'SIGCONT');
    assert.deepEqual(await puppet.run('result = seen'), ['usr1']);
  } finally {
    mounts.close();
  }
});

test('every signal arrives, once, however it falls; interrupted calls go on', async () => {
  const mounts = new TwoMounts();
  try {
    const pid = mounts.start(mounts.compile('signal-counter'), mounts.path('old', 'a'));
    await eventually('it has started', () => readdirSync(mounts.path('files')).length === 1);
    // Queued real-time signals are counted, from a process that keeps sending while this one moves.
    const sender = spawn('python3', [
      '-c',
      `
import os, signal, time
for _ in range(2000): os.kill(${pid}, signal.SIGRTMIN); time.sleep(0.0003)
`,
    ]);
    const ended = new Promise((resolve) => sender.once('exit', resolve));
    for (let turn = 0; turn < 20; turn++) {
      assert.deepEqual(mounts.run(turn % 2 === 0 ? 'there' : 'back').left, []);
      await pause(20);
    }
    await ended;
    process.kill(pid, 'SIGTERM');
    await eventually('it ends', () => readFileSync(mounts.path('output'), 'utf8') !== '');
    const [, signals, slept] =
      /signals (\d+) slept (-?\d+)/.exec(readFileSync(mounts.path('output'), 'utf8')) ?? [];
    assert.equal(Number(signals), 2000);
    assert.ok(Number(slept) >= 1500, `slept for ${slept} ms`);
  } finally {
    mounts.close();
  }
});

test('processes that start, end and are killed meanwhile', async () => {
  const mounts = new TwoMounts();
  try {
    const parent = mounts.start(
      'python3',
      '-c',
      `
import os, time
f = os.open("${mounts.path('old', 'log')}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
while not os.path.exists("${mounts.path('stop')}"):
    child = os.fork()
    if child == 0:
        os.write(f, b"child\\n"); time.sleep(0.01); os._exit(0)
    os.write(f, b"parent\\n")
    try:
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError: pass
    time.sleep(0.002)
print("forks done")
`,
    );
    await eventually('the parent writes', () => readdirSync(mounts.path('files')).includes('log'));
    const childrenOf = (pid: number) =>
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    for (let turn = 0; turn < 20; turn++) {
      const move = mounts.move(turn % 2 === 0 ? 'there' : 'back', [], {
        processes: () => [parent, ...childrenOf(parent)],
      });
      if (turn % 5 === 4) for (const child of childrenOf(parent)) sendSignal(child, 'SIGKILL');
      const report = move.run();
      move.close();
      assert.deepEqual(report.left, []);
      const [link] = linksOf(parent, mounts);
      assert.equal(link, mounts.path(turn % 2 === 0 ? 'new' : 'old', 'log'));
      await pause(10);
    }
    writeFileSync(mounts.path('stop'), '');
    await eventually('the parent ends', () => readFileSync(mounts.path('output'), 'utf8') !== '');
    assert.equal(readFileSync(mounts.path('output'), 'utf8'), 'forks done\n');
    assert.match(readFileSync(mounts.path('files', 'log'), 'utf8'), /^(parent\n|child\n)+$/);
  } finally {
    mounts.close();
  }
});

test('a process that cannot be stopped: nothing is moved, it goes on, and later it can be', async () => {
  const mounts = new TwoMounts();
  try {
    const pid = mounts.start(mounts.compile('vfork-waiter'), mounts.path('old', 'log'), mounts.path('go'));
    const puppet = await mounts.startPuppet();
    await puppet.run(`f = os.open("${mounts.path('old', 'other')}", os.O_RDWR | os.O_CREAT)`);
    const move = () => mounts.run('there', [puppet.pid, pid], { stopTimeoutMs: 200 });
    assert.throws(move, (error: unknown) => error instanceof OrdealError && error.code === 'ORD-751');
    assert.deepEqual(linksOf(puppet.pid, mounts), [mounts.path('old', 'other')]);
    assert.equal(await puppet.run('result = 1'), 1, 'who was stopped runs again');
    writeFileSync(mounts.path('go'), '');
    await eventually('it goes on', () => readFileSync(mounts.path('output'), 'utf8') === 'done\n');
    assert.equal(stateOf(pid), 'S');
    assert.deepEqual(move().left, []);
    assert.deepEqual(linksOf(pid, mounts), [mounts.path('new', 'log')]);
  } finally {
    mounts.close();
  }
});

test('a shell that runs one program after the other', async () => {
  const mounts = new TwoMounts();
  try {
    const loop = `exec >>${mounts.path('old', 'log')}; n=0; while :; do echo $n; n=$((n+1)); /bin/true; done`;
    const pid = mounts.start('sh', '-c', loop);
    await eventually('it writes', () => readdirSync(mounts.path('files')).includes('log'));
    for (let turn = 0; turn < 20; turn++) {
      const move = mounts.move(turn % 2 === 0 ? 'there' : 'back', [], { processes: () => processTree(pid) });
      assert.deepEqual(move.run().left, []);
      move.close();
      await pause(10);
    }
    process.kill(pid, 'SIGKILL');
    const lines = readFileSync(mounts.path('files', 'log'), 'utf8').split('\n').slice(0, -1);
    assert.deepEqual(
      lines,
      lines.map((_, index) => String(index)),
    );
  } finally {
    mounts.close();
  }
});

test('when the mover is killed in the middle, the process goes on', async () => {
  const mounts = new TwoMounts();
  try {
    const pid = mounts.start(mounts.compile('append-writer'), mounts.path('old'), '4');
    await eventually('the writer writes', () => readdirSync(mounts.path('files')).length === 3);
    const mover = fileURLToPath(new URL('./testing/mover.js', import.meta.url));
    for (let turn = 0; turn < 10; turn++) {
      const child = spawn(process.execPath, [mover, mounts.directory, String(pid)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await pause(5 + Math.random() * 30);
      child.kill('SIGKILL');
      await ended;
      await eventually('it runs again', () => stateOf(pid) !== 't');
    }
    const size = readFileSync(mounts.path('files', 'shared')).length;
    await eventually('it still writes', () => readFileSync(mounts.path('files', 'shared')).length > size);
    process.kill(pid, 'SIGTERM');
    await eventually('the writer ends', () => readFileSync(mounts.path('output'), 'utf8') !== '');
    assert.match(readFileSync(mounts.path('output'), 'utf8'), /errors 0/);
    for (const name of readdirSync(mounts.path('files'))) {
      const next = new Map<string, number>();
      for (const line of readFileSync(mounts.path('files', name), 'utf8').split('\n').slice(0, -1)) {
        const [thread = '', number] = line.split(' ');
        assert.equal(Number(number), next.get(thread) ?? 0, `${name}: ${line}`);
        next.set(thread, Number(number) + 1);
      }
    }
  } finally {
    mounts.close();
  }
});
