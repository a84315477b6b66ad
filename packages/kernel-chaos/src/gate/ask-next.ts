import { FP, type Label, type ProgramBuilder, R0, R1, R2, R3, R6 } from '@ordeal/bpf';

/** Words of 64 bits in a set of slots. */
export const WORDS = 2;
/** Stack slot with the key 0 of a map. */
const ZERO_KEY = -8;

/**
 * Ends a program behind a gate: the next program that must be asked runs, or the function runs if there is none. Needs
 * the context in R6.
 *
 * Those still to be asked stand in the map `gate_pending`. One value for each CPU is enough: a task keeps its CPU while
 * it is in the gate, and the kernel never runs the gate twice at once on one CPU; it skips the second call
 * (`bpf_prog->active`, Linux 5.12).
 */
export function askNext(builder: ProgramBuilder): ProgramBuilder {
  const none = builder.label('nobody left');
  loadPending(builder);
  builder.jumpImmediate('eq', R0, 0, none);
  askPending(builder, none);
  return builder.place(none).constant(R0, 0).exit();
}

/** The same for those in the words that R0 points to, each of which loses its bit when it is asked. */
export function askPending(builder: ProgramBuilder, none: Label): void {
  const found = builder.label('next slot');
  for (let word = 0; word < WORDS; word++) {
    const empty = builder.label(`nobody in word ${word}`);
    builder.load('u64', R2, R0, 8 * word).jumpImmediate('eq', R2, 0, empty);
    builder.mov(R1, R2).aluImmediate('neg', R1, 0).alu('and', R1, R2).note('its lowest bit');
    builder.alu('xor', R2, R1).store('u64', R0, 8 * word, R2);
    bitNumber(builder, 64 * word);
    builder.goto(found).place(empty);
  }
  builder.goto(none).place(found);
  builder.mov(R1, R6).loadMap(R2, 'gate_slots').call('tail_call').goto(none);
}

/** R0 = those still to be asked on this CPU, {@link WORDS} words. */
export function loadPending(builder: ProgramBuilder): void {
  builder.storeImmediate('u32', FP, ZERO_KEY, 0).loadMap(R1, 'gate_pending').mov(R2, FP);
  builder.aluImmediate('add', R2, ZERO_KEY).call('map_lookup_elem');
}

/** R3 = `base` + the number of the only bit in R1. */
function bitNumber(builder: ProgramBuilder, base: number): void {
  builder.constant(R3, base);
  for (const shift of [32, 16, 8, 4, 2, 1]) {
    const lower = builder.label(`in the lower ${shift}`);
    builder.mov(R2, R1).aluImmediate('rsh', R2, shift).jumpImmediate('eq', R2, 0, lower);
    builder.mov(R1, R2).aluImmediate('add', R3, shift).place(lower);
  }
}
