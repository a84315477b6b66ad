// Loaded into the programs of an injection by tests (--import). Where ORDEAL_HALT_AT is `ROLE: STEP`, the first process that
// reaches the step, or with `ROLE: STEP #2` reaches it the second time, writes its id and the step to `halted` in the run
// directory and stops itself (SIGSTOP): others can then be killed at exactly this point.
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PAUSE_MS = 20;
const pauseCell = new Int32Array(new SharedArrayBuffer(4));
const { ORDEAL_HALT_AT, ORDEAL_RUN } = process.env;
const [haltAt, time = '1'] = ORDEAL_HALT_AT?.split(' #') ?? [];
let times = 0;

if (haltAt !== undefined && ORDEAL_RUN !== undefined) {
  subscribe('ordeal:step', (step) => {
    if (step === haltAt && ++times === Number(time)) halt(join(ORDEAL_RUN, 'halted'), haltAt);
  });
}

function halt(path: string, step: string): void {
  try {
    writeFileSync(path, `${process.pid} ${step}\n`, { flag: 'wx' });
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGSTOP');
  // The signal stops this thread some microseconds after the call: it must not run any further.
  Atomics.wait(pauseCell, 0, 0, PAUSE_MS);
}
