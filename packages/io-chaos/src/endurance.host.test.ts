import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import type { RuleCounts } from './method-counts.js';
import { IoInjection } from './owner/io-injection.js';
import { KeeperProcess } from './owner/keeper-process.js';
import { ROUND_DOCUMENTS, specOf } from './testing/endurance-documents.js';
import { Postgres } from './testing/postgres.js';
import { eventually, pause } from './testing/target.js';
import { whereabouts } from './testing/whereabouts.js';
import { ended, type WorkingProgram, Workload } from './testing/workload.js';

const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const keeper = new KeeperProcess(run);
after(async () => {
  await keeper.close();
  rmSync(run, { recursive: true });
});

const ROUNDS = 100;

/** What must be true of every round, and what is only told. */
class Series {
  readonly stops: number[] = [];
  readonly notes: string[] = [];
  moved = 0;
}

/** One injection and its recovery. */
async function round(workload: Workload, series: Series, number: number): Promise<void> {
  const { volume, holder } = workload;
  const document = ROUND_DOCUMENTS[number % ROUND_DOCUMENTS.length];
  assert.ok(document);
  const injection = await IoInjection.arm({
    keeper,
    volumePath: volume,
    rules: document.rules.map((fields) => ({ spec: specOf(fields, volume), duration: undefined })),
    pid: holder,
    note: (line) => series.notes.push(`round ${number}: ${line}`),
  });
  try {
    const there = whereabouts(holder, workload.processes(), volume);
    assert.ok(there.covered);
    assert.deepEqual(there.strays, [], 'not moved');
    assert.ok(there.settled > 20, `only ${there.settled} files are on the cover`);
    for (const { what, reason } of injection.report?.left ?? []) {
      // A deleted file has no name by which the other side could find it, and nobody else can see faults missing.
      assert.match(what, /\(deleted\)\)$/, `${what}: ${reason}`);
    }
    for (const { stopsMs, descriptors, mappings } of injection.report?.processes ?? []) {
      series.stops.push(...stopsMs);
      series.moved += descriptors + mappings;
    }
    if (document.sparesAll) await pause(300);
    const late = performance.now() + 300_000;
    while (!document.sparesAll && performance.now() < late && !hasFired(injection.counts)) {
      await injection.count();
      await pause(100);
    }
    assert.ok(injection.isArmed(0), series.notes.join('\n'));
  } finally {
    await injection.recover();
  }
  assert.deepEqual(injection.left, [], 'not moved back');
  assert.equal(hasFired(injection.counts), !document.sparesAll, `faults in round ${number}`);
  const back = whereabouts(holder, workload.processes(), volume);
  assert.equal(back.covered, false);
  assert.deepEqual(back.strays, [], 'left on the cover');
  assert.deepEqual(readdirSync(join(run, 'io')), []);
}

/** Whether each rule has met a request. */
function hasFired(counts: RuleCounts): boolean {
  return counts.length > 0 && counts.every((methods) => methods.some(({ fired }) => fired > 0));
}

/** Sends a signal that is queued, every few milliseconds. */
class Signalling {
  sent = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    const SIGRTMIN = 34;
    this.#timer = setInterval(() => {
      try {
        process.kill(pid, SIGRTMIN);
        this.sent++;
      } catch {
        // It has ended, which the next round tells.
      }
    }, 3);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}

test(`${ROUNDS} injections and recoveries under programs that write`, async (t) => {
  const workload = new Workload();
  let signalling: Signalling | undefined;
  try {
    const fixtures = [
      workload.startFixture('shared-offset.py'),
      workload.startFixture('mapped.py'),
      workload.startFixture('direct.py'),
      workload.startFixture('locks.py'),
      workload.startFixture('newcomers.py'),
      workload.startFixture('lister.py'),
      workload.startFixture('database.py', 'database-wal', 'wal'),
      workload.startFixture('database.py', 'database-delete', 'delete'),
      workload.startFixture('victim.py'),
    ];
    const appender = workload.start(
      'append',
      (directory) => `${workload.compile('append-writer')} ${directory} 4 1000`,
    );
    const counter = workload.start(
      'signals',
      (directory) => `${workload.compile('signal-counter')} ${directory}/file`,
    );
    const queued = ['aio', 'uring'].map((kind) =>
      workload.start(kind, (directory) => `${workload.compile('queued-writer')} ${kind} ${directory} 3000`),
    );
    const errorsOfVictim = () => victimErrors(workload);
    await eventually(
      'everybody is at work',
      () => readdirSync(workload.volume).length === fixtures.length + 4 && errorsOfVictim() !== undefined,
    );
    await pause(1500);
    const postgres = await Postgres.start(workload);
    signalling = new Signalling(counter.pid);
    const series = new Series();
    const begun = performance.now();
    for (let number = 0; number < ROUNDS; number++) {
      const before = errorsOfVictim()?.length ?? 0;
      await round(workload, series, number);
      workload.assertAtWork();
      const errors = errorsOfVictim()?.slice(before) ?? [];
      if (!ROUND_DOCUMENTS[number % ROUND_DOCUMENTS.length]?.asksForErrors)
        assert.deepEqual(errors, [], `round ${number}`);
      if (number % 10 === 9)
        t.diagnostic(`${number + 1} rounds, ${Math.round(performance.now() - begun)} ms`);
      await pause(100);
    }
    signalling.end();
    tell(t, series);
    assert.deepEqual(series.notes, []);
    for (const program of fixtures) {
      const { problems, steps } = await workload.finish(program);
      t.diagnostic(`${program.name}: ${steps} steps`);
      assert.deepEqual(problems, [], program.name);
      assert.ok(steps > ROUNDS, `${program.name} has done ${steps} steps`);
    }
    assert.deepEqual([...new Set(errorsOfVictim())], [5]);
    await finishAppender(appender);
    for (const { pid, name, output } of queued) {
      process.kill(pid, 'SIGTERM');
      await ended(pid, name);
      const [writes = 0, errors, wrong] = numbersOf(output);
      t.diagnostic(`${name}: ${writes} writes`);
      assert.deepEqual([errors, wrong], [0, 0], name);
      assert.ok(writes > ROUNDS, `${name} has written ${writes} blocks`);
    }
    const { problems, transactions } = await postgres.finish();
    t.diagnostic(`postgres: ${transactions} transactions`);
    assert.deepEqual(problems, [], 'postgres');
    assert.ok(transactions > ROUNDS, `${transactions} transactions`);
    await finishCounter(counter, signalling.sent);
  } finally {
    signalling?.end();
    await workload.close();
  }
});

/** Which errors the victim has seen. */
function victimErrors(workload: Workload): number[] | undefined {
  try {
    return readFileSync(join(workload.directory, 'victim.json.errors'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(Number);
  } catch {
    return undefined;
  }
}

function tell(t: TestContext, { stops, moved }: Series): void {
  stops.sort((a, b) => a - b);
  const at = (share: number) => stops[Math.floor(share * (stops.length - 1))]?.toFixed(1);
  t.diagnostic(`${moved} files and mappings moved there`);
  t.diagnostic(`processes stopped for ${at(0.5)} ms (median), ${at(0.99)} ms (99 %), ${at(1)} ms (longest)`);
}

async function finishAppender({ pid, output, directory }: WorkingProgram): Promise<void> {
  process.kill(pid, 'SIGTERM');
  await ended(pid, 'the appender');
  const [lines = 0, alarms = 0, errors = -1] = numbersOf(output);
  assert.equal(errors, 0);
  assert.ok(alarms > 1000, `${alarms} alarms`);
  const found = readdirSync(directory).map((name) =>
    checkedLines(readFileSync(join(directory, name), 'utf8')),
  );
  assert.equal(
    found.reduce((sum, count) => sum + count, 0),
    lines,
  );
}

/** Every thread's numbers must be 0, 1, 2 … with nothing missing, doubled, torn or out of order. */
function checkedLines(text: string): number {
  const next = new Map<string, number>();
  const lines = text.split('\n').slice(0, -1);
  for (const line of lines) {
    const [thread = '', number] = line.split(' ');
    if (line !== `${thread} ${next.get(thread) ?? 0}`) assert.fail(`thread ${thread}: ${line}`);
    next.set(thread, Number(number) + 1);
  }
  return lines.length;
}

async function finishCounter({ pid, output }: WorkingProgram, sent: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  await ended(pid, 'the counter of signals');
  assert.equal(numbersOf(output)[0], sent);
}

function numbersOf(path: string): number[] {
  return [...readFileSync(path, 'utf8').matchAll(/\d+/g)].map(Number);
}
