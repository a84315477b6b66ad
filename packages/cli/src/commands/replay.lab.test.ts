import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { recordedOutput } from '../testing/recorded-output.js';
import { replay } from './replay.js';
import { runSoon } from './run-soon.js';

/** Under mount(2) of a path that does not exist there are the same allocations each time. */
const MOUNTS = 'for n in 1 2 3 4 5 6 7 8 9; do mount -t tmpfs none /not-there-$n; done 2>/dev/null; exit 7';

const DOCUMENT = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: { name: half }
spec:
  mode: all
  selector: {}
  failKernRequest: { failtype: 0, probability: 50, callchain: [{ funcname: __x64_sys_mount }] }
`;

interface Said {
  readonly type: string;
  readonly [key: string]: unknown;
}

const eventsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Said);

test('kernel faults are replayed by the seed of the recorded run', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-replay-'));
  try {
    const runDirectory = join(directory, 'run');
    const [file, record] = [join(directory, 'half.yaml'), join(directory, 'run.jsonl')];
    writeFileSync(file, DOCUMENT);
    const first = recordedOutput();
    const command = ['sh', '-c', MOUNTS];
    assert.equal(await runSoon([file], { json: true, record }, { output: first, command, runDirectory }), 7);
    const armed = eventsOf(first.stdout()).find(({ type }) => type === 'armed');
    assert.equal(typeof armed?.seed, 'number');

    const again = recordedOutput();
    assert.equal(
      await replay(record, { json: true }, { output: again, command: undefined, runDirectory }),
      0,
    );
    const events = eventsOf(again.stdout());
    assert.equal(events.find(({ type }) => type === 'armed')?.seed, armed?.seed);
    const kernelFaults = events.at(-1)?.kernelFaults as { recorded: number; replayed: number };
    assert.ok(kernelFaults.recorded > 0);
    assert.equal(kernelFaults.replayed, kernelFaults.recorded);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
