import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where journals are. ORDEAL_RUN is for tests that must not meet each other's journals. */
export const RUN_DIRECTORY = process.env.ORDEAL_RUN ?? '/run/ordeal';

/** The places at which a process of an injection can be made to halt, in the order in which it reaches them. */
export const STEPS = {
  keeper: [
    'checked',
    'journal written',
    'mount made',
    'connection recorded',
    'server started',
    'cover recorded',
    'serving',
    'cover half placed',
    'cover placed',
    'moved',
    'enabled',
    'disabled',
    'moved back',
    'uncovered',
    'moved back again',
    'closed',
  ],
  server: ['started', 'serving', 'appending', 'appended', 'changed', 'disabling'],
  'mover there': ['begun', 'stopped', 'prepared', 'mapped', 'moved'],
  'mover back': ['begun', 'stopped', 'prepared', 'mapped', 'moved'],
  recovery: ['begun', 'uncovered', 'moved back', 'closed'],
} as const;

export type Role = keyof typeof STEPS;

/** Read once: some steps are on the path of every request. */
const [HALT_AT, TIME = '1'] = process.env.ORDEAL_HALT_AT?.split(' #') ?? [];
let reached = 0;
const PAUSE_MS = 20;
const pauseCell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Marks that this process has reached a step. For tests: where ORDEAL_HALT_AT is `ROLE: STEP`, that is written to
 * `halted` in {@link RUN_DIRECTORY}, after the process's id, and the process stops itself (SIGSTOP); others can then be
 * killed at exactly this point. Only the first process that reaches it halts: the first time, or with `ROLE: STEP #2` the
 * second.
 */
export function failpoint<Who extends Role>(role: Who, step: (typeof STEPS)[Who][number]): void {
  if (HALT_AT === undefined || HALT_AT !== `${role}: ${step}` || ++reached !== Number(TIME)) return;
  try {
    writeFileSync(join(RUN_DIRECTORY, 'halted'), `${process.pid} ${role}: ${step}\n`, { flag: 'wx' });
  } catch {
    return;
  }
  process.kill(process.pid, 'SIGSTOP');
  // The signal stops this thread some microseconds after the call: it must not run any further.
  Atomics.wait(pauseCell, 0, 0, PAUSE_MS);
}
