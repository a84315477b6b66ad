import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordedFault, ReplayResult } from '@ordeal/node';
import { renderReplay } from './replay.js';

const fault = (match: number, path: string): RecordedFault => ({
  ...{ experiment: 'eio', match, method: 'write', path, offsetBytes: 8192, sizeBytes: 4096 },
});

const same: ReplayResult = {
  ...{ same: true, recorded: 12, repeated: 12, shifted: 0, missing: 0, extra: 0 },
  ...{ firstShifted: [], firstMissing: [], firstExtra: [], incomplete: false },
  ...{ kernelFaults: { recorded: 0, replayed: 0 }, recordedExitCode: 1, exitCode: 1 },
};

test('how a replay differs from its record', () => {
  assert.equal(renderReplay(same), 'replay: 12 of 12 recorded faults repeated; exit code 1, as recorded\n');
  const differing: ReplayResult = {
    ...{ ...same, same: false, repeated: 10, shifted: 1, missing: 2, extra: 1, exitCode: 0 },
    firstShifted: [{ recorded: fault(3, 'wal/1'), replayed: fault(3, 'wal/2') }],
    firstMissing: [fault(17, 'wal/1')],
    firstExtra: [{ experiment: 'eio', match: 40, method: 'fsync', path: 'wal/1' }],
    kernelFaults: { recorded: 3, replayed: 2 },
  };
  assert.equal(
    renderReplay(differing),
    `replay: differs: 10 of 12 recorded faults repeated, 1 of them at another request; exit code 0, 1 was recorded
  at another request: match 3 of eio, write wal/2, 4 096 bytes at 8 192, recorded at write wal/1, 4 096 bytes at 8 192
  missing: match 17 of eio, write wal/1, 4 096 bytes at 8 192
  and 1 more
  not recorded: match 40 of eio, fsync wal/1
  kernel faults: 2, 3 were recorded
`,
  );
});
