import { type Label, type ProgramBuilder, R0, R1, R2, R3, R9 } from '@ordeal/bpf';
import { SPLIT_MIX, seedStart } from '../seeded-draw.js';
import type { Blueprint } from './blueprint.js';
import { count } from './count.js';

/** Whether a match is chosen by its number and by chance; if not, it is counted and the program goes to `out`. */
export function chooseMatch(builder: ProgramBuilder, blueprint: Blueprint, out: Label): void {
  const { probability, after, every, seed, single } = blueprint;
  const seeded = seed !== undefined && probability < 100;
  if (!single && (after > 0 || every > 1 || seeded)) numberMatch(builder, blueprint);
  if (!single) skipMatches(builder, blueprint, out);
  if (probability >= 100) return;
  const won = builder.label('won');
  if (seeded && !single) drawBySeed(builder, seed);
  else builder.call('get_prandom_u32');
  // A draw is 32 random bits against `probability` percent of 2^32; 0 % always loses.
  builder.constant(R1, Math.floor((probability * 2 ** 32) / 100));
  builder.note(`${probability} %`).jump('lt', R0, R1, won);
  count(builder, 'lostDice');
  builder.goto(out).place(won);
}

/** R2 = the number of this match among those of its target, from 1: unique on any number of CPUs. */
function numberMatch(builder: ProgramBuilder, { scopes }: Blueprint): void {
  builder.loadMapValue(R1, 'matches');
  if (scopes.length > 1) builder.mov(R2, R9).aluImmediate('lsh', R2, 3).alu('add', R1, R2);
  builder.constant(R2, 1).atomicFetchAdd(R1, 0, R2).aluImmediate('add', R2, 1);
}

/** Leaves R2 alone where the match stays. */
function skipMatches(builder: ProgramBuilder, { after, every }: Blueprint, out: Label): void {
  if (after === 0 && every === 1) return;
  const skipped = builder.label('skipped');
  const chosen = builder.label('chosen');
  builder.note(`after ${after}`).jumpImmediate('le', R2, after, skipped);
  builder.mov(R3, R2).aluImmediate('sub', R3, after).aluImmediate('mod', R3, every);
  builder.note(`every ${every}`).jumpImmediate('eq', R3, 0, chosen).place(skipped);
  count(builder, 'skipped');
  builder.goto(out).place(chosen);
}

/** R0 = {@link seededDraw} for the match in R2. */
function drawBySeed(builder: ProgramBuilder, seed: number): void {
  builder.note(`seed ${seed}`).constant(R0, SPLIT_MIX.step).alu('mul', R0, R2);
  builder.constant(R1, seedStart(seed)).alu('add', R0, R1);
  const fold = (shift: number) => builder.mov(R1, R0).aluImmediate('rsh', R1, shift).alu('xor', R0, R1);
  for (const { shift, factor } of SPLIT_MIX.rounds) fold(shift).constant(R1, factor).alu('mul', R0, R1);
  fold(SPLIT_MIX.lastShift).aluImmediate('rsh', R0, 32);
}
