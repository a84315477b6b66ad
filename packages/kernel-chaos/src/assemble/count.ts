import { type ProgramBuilder, R1, R2, R7, R9 } from '@ordeal/bpf';
import { COUNTERS_STRIDE, type CounterName, counterOffset } from '../counters.js';

/** R7 = the counters of the target whose index is in R9, which the verifier must know to be below `targets`. */
export function locateCounters(builder: ProgramBuilder, targets: number): void {
  builder.loadMapValue(R7, 'counters');
  if (targets === 1) return;
  builder.mov(R1, R9).aluImmediate('lsh', R1, Math.log2(COUNTERS_STRIDE)).alu('add', R7, R1);
}

/** Adds one to a counter of the target that R7 points to. R2 is lost. */
export function count(builder: ProgramBuilder, name: CounterName): void {
  builder.constant(R2, 1).note(`${name} += 1`).atomicAdd(R7, counterOffset(name), R2);
}
