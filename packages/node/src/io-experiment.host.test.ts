import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Experiment, parseDocuments } from '@ordeal/experiment';
import { KeeperProcess } from '@ordeal/io-chaos';
import type { RunEvent } from './run-event.js';
import { runExperiments } from './run-experiments.js';

const runDirectory = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const keeper = new KeeperProcess(runDirectory);
after(async () => {
  await keeper.close();
  rmSync(runDirectory, { recursive: true });
});

/** Appends numbered lines to a file that it opened once, reads the first line back, and logs errors with their time. */
const PROGRAM = `
import os, sys, time
log = os.open(sys.argv[1] + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
notes = open(sys.argv[2], "a", buffering=1)
number = 0
while True:
    try:
        begun = time.monotonic()
        os.write(log, b"%d\\n" % number)
        if time.monotonic() - begun > 0.09: notes.write("slow\\n")
        number += 1
        if os.pread(log, 2, 0) != b"0\\n": notes.write("damaged\\n")
        if os.fstat(log).st_uid == 4321: notes.write("false owner\\n")
    except OSError as error:
        notes.write("errno %d\\n" % error.errno)
    time.sleep(0.005)
`;

class Writer {
  readonly #directory = mkdtempSync(join(tmpdir(), 'ordeal-io-run-'));
  readonly volume = join(this.#directory, 'data');
  readonly pid: number;

  constructor() {
    mkdirSync(this.volume);
    writeFileSync(join(this.#directory, 'writer.py'), PROGRAM);
    writeFileSync(this.#notes, '');
    const command = `python3 ${this.#directory}/writer.py ${this.volume} ${this.#notes}`;
    const script = `unshare --mount --propagation private ${command} >/dev/null 2>&1 </dev/null & echo $!`;
    this.pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
  }

  get #notes(): string {
    return join(this.#directory, 'notes');
  }

  /** What it observed since the last call, without duplicates. */
  notes(): string[] {
    const lines = readFileSync(this.#notes, 'utf8').split('\n').filter(Boolean);
    writeFileSync(this.#notes, '');
    return [...new Set(lines)];
  }

  /** The same without slowness, which a loaded machine has without faults. */
  troubles(): string[] {
    return this.notes().filter((note) => note !== 'slow');
  }

  lines(): number {
    const lines = readFileSync(join(this.volume, 'log'), 'utf8').split('\n').slice(0, -1);
    assert.deepEqual(
      lines.filter((line, index) => line !== String(index)),
      [],
    );
    return lines.length;
  }

  /** Waits until a few more lines have been written. */
  async writesOn(): Promise<void> {
    const log = join(this.volume, 'log');
    const size = () => (existsSync(log) ? statSync(log).size : 0);
    const enough = size() + 40;
    while (size() < enough) await sleep(5);
  }

  /** A symbolic link beside the volume: only what it leads to can be refused. */
  link(target: string): string {
    const path = join(this.#directory, `to${target.replaceAll('/', '-')}`);
    symlinkSync(target, path);
    return path;
  }

  /** The mounts over the volume. */
  mounts(): string[] {
    const lines = readFileSync(`/proc/${this.pid}/mountinfo`, 'utf8').split('\n');
    return lines.filter((line) => line.includes(this.volume));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    while (existsSync(`/proc/${this.pid}/cwd`)) await sleep(5);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function documents(spec: string): readonly Experiment[] {
  const text = `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: faults}
spec:
  mode: one
  selector: {namespaces: [default]}
  duration: 500ms
${spec.replaceAll(/^/gm, '  ')}`;
  const { experiments, problems } = parseDocuments(text, 'io.yaml');
  assert.deepEqual(problems, []);
  return experiments;
}

async function run(
  experiments: readonly Experiment[],
  pid: number,
  signal?: AbortSignal,
  hear: (event: RunEvent) => void = () => undefined,
) {
  const events: RunEvent[] = [];
  await runExperiments({
    experiments,
    target: { kind: 'pid', pid },
    mechanism: undefined,
    before: 0n,
    withExec: false,
    requireFaults: false,
    outputToError: false,
    duration: undefined,
    after: undefined,
    inLab: false,
    faults: false,
    interval: 100,
    keeper,
    signal: signal ?? new AbortController().signal,
    onEvent: (event) => {
      events.push(event);
      hear(event);
    },
  });
  return events;
}

async function withWriter(body: (writer: Writer) => Promise<void>): Promise<void> {
  const writer = new Writer();
  try {
    await writer.writesOn();
    await body(writer);
  } finally {
    await writer[Symbol.asyncDispose]();
  }
}

for (const [name, spec, noticed] of [
  ['latency', 'action: latency\ndelay: 100ms\nmethods: [write]', ['slow']],
  ['fault', 'action: fault\nerrno: 5\nmethods: [write]\npercent: 50', ['errno 5']],
  ['attrOverride', 'action: attrOverride\nattr: {uid: 4321}', ['false owner']],
  [
    'mistake',
    'action: mistake\nmethods: [read]\nmistake: {filling: zero, maxOccurrences: 1, maxLength: 2}',
    ['damaged'],
  ],
] as const) {
  test(`${name}: a running writer is affected three times, and loses nothing`, () =>
    withWriter(async (writer) => {
      for (let turn = 0; turn < 3; turn++) {
        assert.deepEqual(writer.troubles(), [], 'nothing happens before');
        const events = await run(documents(`${spec}\nvolumePath: ${writer.volume}`), writer.pid);
        const lifted = events.find((event) => event.type === 'lifted');
        assert.ok(
          lifted?.type === 'lifted' && lifted.counters.fired > 0n,
          JSON.stringify(events.map(String)),
        );
        assert.equal(lifted.reason, 'duration');
        assert.deepEqual(name === 'latency' ? writer.notes() : writer.troubles(), noticed);
        assert.deepEqual(writer.mounts(), []);
        await writer.writesOn();
      }
    }));
}

test('documents for one volume are rules of one file system, each with its own time and counts', () =>
  withWriter(async (writer) => {
    const volume = `volumePath: ${writer.volume}`;
    const [slow, damaged] = [
      `action: latency\ndelay: 100ms\nmethods: [write]\n${volume}`,
      `action: mistake\nmethods: [read]\nmistake: {filling: zero, maxOccurrences: 1, maxLength: 2}\n${volume}/`,
    ].flatMap(documents);
    if (slow?.kind !== 'IOChaos' || damaged?.kind !== 'IOChaos') throw new Error('no documents');
    const longer = { ...damaged, name: 'longer', spec: { ...damaged.spec, duration: 1_500_000_000n } };
    const events = await run([slow, longer], writer.pid);
    const lifted = events.flatMap((event) => (event.type === 'lifted' ? [event] : []));
    assert.deepEqual(
      lifted.map(({ experiment, reason, methods = [] }) => [
        experiment,
        reason,
        methods.map(({ method }) => method),
      ]),
      [
        ['faults', 'duration', ['write']],
        ['longer', 'duration', ['read']],
      ],
    );
    assert.deepEqual(writer.notes().sort(), ['damaged', 'slow']);
    const [first = 0n, second = 0n] = lifted.map(({ counters }) => counters.fired);
    assert.ok(first > 0n && second > 0n, `${first} ${second}`);
    assert.deepEqual(writer.mounts(), []);
    await writer.writesOn();
    assert.deepEqual(writer.troubles(), []);
  }));

test('a power loss tells at its end what its undo log took', () =>
  withWriter(async (writer) => {
    const old = join(writer.volume, 'old');
    writeFileSync(old, Buffer.alloc(3 * 4096, 1));
    // Where the volume is covered, and while its rule is on.
    const overwrite = `dd if=/dev/zero of=${old} bs=4096 count=3 conv=notrunc status=none`.split(' ');
    const events = await run(
      documents(`action: powerLoss\npowerLoss: {memory: 8192}\nvolumePath: ${writer.volume}`),
      writer.pid,
      undefined,
      ({ type }) => {
        if (type === 'armed') execFileSync('nsenter', ['-t', `${writer.pid}`, '-m', ...overwrite]);
      },
    );
    const lifted = events.find((event) => event.type === 'lifted');
    assert.ok(lifted?.type === 'lifted' && lifted.undoLog);
    const { memoryBytes, fileBytes, writtenBack } = lifted.undoLog;
    assert.deepEqual([memoryBytes, writtenBack], [8192, 0]);
    // The writer's last block may be another one.
    assert.ok(fileBytes === 4096 || fileBytes === 8192, `${fileBytes}`);
    assert.deepEqual(writer.troubles(), []);
  }));

test('volumes that cannot be covered are refused with a reason, and nothing is touched', () =>
  withWriter(async (writer) => {
    const spec = 'action: fault\nerrno: 5\nvolumePath: ';
    for (const [path, code] of [
      [writer.link('/proc'), 'ORD-711'],
      [writer.link('/sys/kernel'), 'ORD-711'],
      ['/nowhere', 'ORD-753'],
      ['/dev/null', 'ORD-753'],
    ]) {
      await assert.rejects(run(documents(`${spec}${path}`), writer.pid), { code });
    }
    assert.deepEqual(writer.troubles(), []);
    assert.deepEqual(writer.mounts(), []);
  }));

test('a second run on the same volume begins and ends while the first goes on', () =>
  withWriter(async (writer) => {
    const experiments = documents(
      `action: latency\ndelay: 10ms\nmethods: [write]\nvolumePath: ${writer.volume}`,
    );
    const endless = experiments.map(
      (each) => ({ ...each, spec: { ...each.spec, duration: undefined } }) as Experiment,
    );
    const [stop, stopFirst] = [new AbortController(), new AbortController()];
    const first = run(endless, writer.pid, stopFirst.signal);
    while (writer.mounts().length === 0) await sleep(20);
    const second = run(endless, writer.pid, stop.signal);
    const lines = writer.lines();
    while (writer.lines() < lines + 10) await sleep(20);
    stop.abort();
    const ended = await second;
    assert.equal(writer.mounts().length, 1);
    stopFirst.abort();
    for (const events of [ended, await first]) {
      assert.ok(events.some((event) => event.type === 'lifted' && event.reason === 'interrupted'));
    }
    assert.deepEqual(writer.mounts(), []);
    assert.deepEqual(writer.troubles(), []);
  }));

test('a schedule begins and ends its faults beside another experiment on the volume', () =>
  withWriter(async (writer) => {
    const scheduled = `apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: often}
spec:
  schedule: '@every 2s'
  concurrencyPolicy: Forbid
  type: IOChaos
  ioChaos:
    {mode: one, selector: {namespaces: [default]}, action: latency, delay: 1ms, duration: 1s, volumePath: ${writer.volume}/}
`;
    const both = [
      ...documents(`action: latency\ndelay: 10ms\nmethods: [write]\nvolumePath: ${writer.volume}`).map(
        (each) => ({ ...each, spec: { ...each.spec, duration: undefined } }) as Experiment,
      ),
      ...parseDocuments(scheduled, 'schedule.yaml').experiments,
    ];
    assert.equal(both.length, 2);
    const stop = new AbortController();
    const events: RunEvent[] = [];
    const ended = () =>
      events.filter((event) => event.type === 'lifted' && event.experiment === 'often').length;
    const done = run(both, writer.pid, stop.signal, (event) => {
      events.push(event);
      if (ended() === 2) stop.abort();
    });
    await done;
    const lifted = events.flatMap((event) => (event.type === 'lifted' ? [event] : []));
    assert.ok(lifted.every(({ counters }) => counters.fired > 0n));
    assert.equal(lifted.filter(({ reason }) => reason === 'duration').length, 2);
    assert.deepEqual(writer.mounts(), []);
    assert.deepEqual(writer.troubles(), []);
  }));
