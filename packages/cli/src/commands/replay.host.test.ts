import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../testing/eventually.js';
import { ioChaos, OrdealRun, type SaidEvent } from '../testing/ordeal-run.js';

/** Ordeal in a mount namespace of its own: its commands see the faults, and nobody else on this host does. */
const APART = ['unshare', '--mount', '--propagation', 'private'];

/** Four threads write 50 times each, and go on when that fails; then the exit code is 3. */
const THREADS = `
import os, sys, threading
directory, total = sys.argv[1], []
def write(name):
    file = os.open(os.path.join(directory, name), os.O_RDWR | os.O_CREAT | os.O_APPEND)
    for number in range(50):
        try: os.write(file, b'%d' % number)
        except OSError: total.append(1)
threads = [threading.Thread(target=write, args=[str(n)]) for n in range(4)]
for each in threads: each.start()
for each in threads: each.join()
sys.exit(3 if total else 0)`;

interface Stage {
  readonly record: string;
  readonly document: string;
  readonly command: readonly string[];
  /** Plays a run or a replay to its end. @param text of the documents or the record */
  play(text: string, flags: readonly string[], command?: 'run' | 'replay'): Promise<OrdealRun>;
}

async function onStage(body: (stage: Stage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-replay-'));
  const volume = join(directory, 'volume');
  const runs: OrdealRun[] = [];
  const spec = `action: fault\nerrno: 28\nmethods: [write]\npercent: 30\nvolumePath: '${volume}'`;
  try {
    await body({
      record: join(directory, 'run.jsonl'),
      document: ioChaos(spec, 'eio'),
      command: ['python3', '-c', THREADS, volume],
      play: async (text, flags, command = 'run') => {
        rmSync(volume, { recursive: true, force: true });
        mkdirSync(volume);
        const run = new OrdealRun(text, flags, APART, command);
        runs.push(run);
        await run.ended;
        return run;
      },
    });
  } finally {
    for (const run of runs) run.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const matchesOf = (events: readonly SaidEvent[]) =>
  events
    .filter(({ type }) => type === 'io-fault')
    .map(({ match }) => Number(match))
    .sort((one, other) => one - other);

const eventsOf = (record: string) =>
  readFileSync(record, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SaidEvent);

test('the threads of a program meet the recorded faults again, at the same numbers', () =>
  onStage(async ({ record, document, command, play }) => {
    const run = await play(document, ['--record', record, '--', ...command]);
    assert.equal(await run.ended, 3, run.text);
    // Single faults are shown with --events only.
    assert.deepEqual(run.all('io-fault'), []);
    const [ended] = run.all('run-ended');
    assert.equal(ended?.repeat, `sudo ordeal replay ${record}`);
    const events = eventsOf(record);
    const matches = matchesOf(events);
    assert.equal(matches.length, ended?.faults);
    assert.ok(matches.length > 0 && matches.length < 200);
    const [header] = events;
    assert.deepEqual([header?.type, header?.format, header?.command], ['record', 1, command]);
    assert.equal(events.at(-1)?.type, 'run-ended');

    const again = await play(readFileSync(record, 'utf8'), ['--events'], 'replay');
    assert.equal(await again.ended, 0, again.text);
    assert.deepEqual(matchesOf(again.events), matches);
    const [result] = again.all('replay');
    assert.deepEqual([result?.same, result?.missing, result?.extra], [true, 0, 0]);
    assert.deepEqual([result?.exitCode, result?.recordedExitCode], [3, 3]);
    assert.deepEqual([result?.recorded, result?.repeated], [matches.length, matches.length]);
  }));

test('what differs from the record is told, by the exit code too', () =>
  onStage(async ({ record, document, command, play }) => {
    await play(document, ['--record', record, '--', ...command]);
    const { length } = matchesOf(eventsOf(record));
    const other = await play(readFileSync(record, 'utf8'), ['--', 'true'], 'replay');
    assert.equal(await other.ended, 5, other.text);
    const [result] = other.all('replay');
    assert.deepEqual([result?.same, result?.missing, result?.exitCode], [false, length, 0]);
  }));

test('a record that was cut off is replayed up to there; a broken one is refused with line and column', () =>
  onStage(async ({ record, document, command, play }) => {
    await play(document, ['--record', record, '--', ...command]);
    const text = readFileSync(record, 'utf8');
    const third = text.split('\n').findIndex((line) => line.includes('"io-fault"')) + 3;
    const kept = text.split('\n').slice(0, third).join('\n');
    const cutOff = await play(`${kept}\n{"type":"io-fa`, ['--events'], 'replay');
    assert.equal(await cutOff.ended, 0, cutOff.text);
    assert.deepEqual(matchesOf(cutOff.events), matchesOfText(kept));
    assert.match(JSON.stringify(cutOff.all('problems')), /ORD-906/);

    const broken = await play(text.replace('"match":', '"match":"'), [], 'replay');
    assert.equal(await broken.ended, 1, broken.text);
    const { problems } = await broken.told('problems');
    const [problem] = problems as { code: string; place: { line: number } }[];
    assert.deepEqual([problem?.code, problem?.place.line], ['ORD-904', third - 2]);
    assert.deepEqual(broken.all('armed'), []);
  }));

test('Ctrl-C ends a record like any other run', () =>
  onStage(async ({ record, document }) => {
    const volume = /volumePath: '(.*)'/.exec(document)?.[1] ?? '';
    mkdirSync(volume);
    const loop = ['sh', '-c', 'while :; do echo x >"$0/x"; sleep 0.01; done 2>/dev/null', volume];
    const run = new OrdealRun(document, ['--record', record, '--', ...loop], APART);
    try {
      await eventually('a fault is in the record', () => existsSync(record) && faultsIn(record) > 0);
      run.signal('SIGINT');
      await run.ended;
      const events = eventsOf(record);
      assert.equal(events.at(-1)?.type, 'run-ended');
      const lifted = await run.told('lifted');
      assert.equal(matchesOf(events).length, (lifted.counters as { fired: number }).fired);
    } finally {
      run.close();
    }
  }));

function faultsIn(record: string): number {
  return matchesOfText(readFileSync(record, 'utf8')).length;
}

/** Of whole lines only: the last one may be under way. */
function matchesOfText(text: string): number[] {
  const whole = text.split('\n').filter((line) => line.endsWith('}'));
  return matchesOf(whole.map((line) => JSON.parse(line) as SaidEvent));
}
