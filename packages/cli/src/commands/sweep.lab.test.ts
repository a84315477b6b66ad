import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SweepEvent } from '@ordeal/node';
import { readState } from '../host/sweep-files.js';
import { recordedOutput } from '../testing/recorded-output.js';
import { sweep } from './sweep.js';

const example = fileURLToPath(new URL('../../../../examples/kernel-mount.yaml', import.meta.url));
/** Nothing here needs it. */
const runDirectory = tmpdir();
const prefix = join(mkdtempSync(join(tmpdir(), 'ordeal-sweep-cli-')), 'sweep');
const HANDLES = ['sh', '-c', 'mount -t tmpfs none /nowhere-to-be-found 2> /dev/null; exit 0'];

test('sweep tells people its result and writes reports that another sweep goes on from', async () => {
  const first = recordedOutput();
  const flags = { settle: '1', limit: '20s' };
  const context = { output: first, command: HANDLES, runDirectory };
  assert.equal(await sweep(example, { ...flags, most: '1', report: prefix }, context), 0);
  assert.match(
    first.stdout(),
    /^every matching slab allocation of the command, failed one at a time\n {2}command {2}sh -c 'mount .*'\n {2}under {4}.*__x64_sys_mount.*\n {2}armed {4}.* on should_failslab, Linux .*\n {2}without {2}exit 0, \d+ matching requests, .*\n\nstopped at --most, --resume continues: 1 site, 1 fault, .*\n {2}survives {5}1 site\nkernel log: clean\nreport: .*sweep\.json, .*sweep\.xml\n$/,
  );
  const second = recordedOutput();
  const resumed = { ...flags, resume: `${prefix}.json`, report: prefix, json: true } as const;
  assert.equal(await sweep(example, resumed, { output: second, command: HANDLES, runDirectory }), 0);
  const lines = second.stdout().trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as SweepEvent);
  const numbers = events.flatMap((event) => (event.type === 'run' ? [event.n] : []));
  assert.equal(numbers[0], 2);
  const done = events.at(-1);
  assert.ok(done?.type === 'done' && done.end === 'settled' && done.summary.ok);
  const state = readState(`${prefix}.json`);
  assert.deepEqual(
    state.runs.map((run) => run.n),
    [1, ...numbers],
  );
  assert.match(
    readFileSync(`${prefix}.xml`, 'utf8'),
    /^<\?xml .*<testsuite name="slab allocations of sh -c /s,
  );
  assert.match(
    readFileSync(`${prefix}.html`, 'utf8'),
    /<tr><th scope="row">__x64_sys_mount &lt; .*<\/th><td>\d+<\/td>/,
  );
});

test('a sweep that finds a crash ends with 1; one of another command does not go on from it', async () => {
  const command = [
    'sh',
    '-c',
    'mount -t tmpfs none /nowhere-to-be-found 2>&1 | grep -q memory && kill -ABRT $$; exit 0',
  ];
  const output = recordedOutput();
  const flags = { only: '1', limit: '20s' };
  assert.equal(await sweep(example, flags, { output, command, runDirectory }), 1);
  assert.match(output.stdout(), /^run 1: signal {3}SIGABRT {3}after /m);
  await assert.rejects(sweep(example, { resume: `${prefix}.json` }, { output, command, runDirectory }), {
    code: 'ORD-311',
  });
});
