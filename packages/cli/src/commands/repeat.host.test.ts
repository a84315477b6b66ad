import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ioChaos, OrdealRun } from '../testing/ordeal-run.js';

/** Ordeal in a mount namespace of its own: its commands see the faults, and nobody else on this host does. */
const APART = ['unshare', '--mount', '--propagation', 'private'];
const COMMAND = [
  'sh',
  '-c',
  'n=0; while [ $n -lt 60 ]; do mkdir "$0/$n" 2>/dev/null; n=$((n + 1)); done; exit 7',
];

test('a run that fails ends with the line that repeats it: the same requests meet the faults', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-repeat-'));
  const play = async (...flags: string[]) => {
    const volume = join(directory, 'volume');
    mkdirSync(volume);
    const spec = `action: fault\nerrno: 28\nmethods: [mkdir]\npercent: 30\nvolumePath: '${volume}'`;
    const run = new OrdealRun(ioChaos(spec), ['--events', ...flags, '--', ...COMMAND, volume], APART);
    try {
      assert.equal(await run.ended, 7, run.text);
      return {
        repeat: String(run.all('run-ended')[0]?.repeat),
        faults: run.all('io-fault').map(({ match, path }) => ({ match, path })),
      };
    } finally {
      run.close();
      rmSync(volume, { recursive: true });
    }
  };
  try {
    const first = await play();
    assert.match(first.repeat, /^sudo ordeal run \S+io\.yaml --events --seed \d+ -- sh -c 'n=0; /);
    assert.ok(first.faults.length > 0);
    const [, seed = ''] = /--seed (\d+)/.exec(first.repeat) ?? [];
    const again = await play('--seed', seed);
    assert.deepEqual(again.faults, first.faults);
    assert.match(again.repeat, new RegExp(` --events --seed ${seed} -- `));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
