import {
  FP,
  type Label,
  type ProgramBuilder,
  type ProgramSpec,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R9,
} from '@ordeal/bpf';
import { FAULT_EVENT } from '../fault-event.js';
import { askNext } from '../gate/ask-next.js';
import type { Blueprint } from './blueprint.js';
import { chooseMatch } from './choose-match.js';
import { count, locateCounters } from './count.js';
import { enterScope, leaveScope } from './enter-scope.js';
import { CONTROL } from './maps.js';
import { matchIoOwner } from './match-scope.js';
import { jumpInInterrupt } from './spare.js';
import { depthOffset, LEVEL, lookupThread } from './thread-state.js';

/**
 * The program at the fault point: every check in turn, and at the end the forced result. As `fmod_ret` it stands behind a
 * gate, and where it forces nothing the next program there runs.
 */
export function faultProgram(blueprint: Blueprint): ProgramSpec {
  const { convention, faultPoint } = blueprint;
  const entered = enterScope(blueprint, ioOwnerMatch(blueprint));
  const { builder, out } = entered;
  stopAfterDeadline(builder, out);
  locateCounters(builder, blueprint.scopes.length);
  count(builder, 'reached');
  spareInterrupts(builder, blueprint, out);
  requireChain(builder, blueprint, out);
  if (blueprint.predicate) {
    blueprint.predicate.emit(builder, convention, out);
    count(builder, 'matched');
  }
  spareNoFail(builder, blueprint, out);
  chooseMatch(builder, blueprint, out);
  takeOne(builder, blueprint, out);
  count(builder, 'fired');
  recordSite(builder);
  if (blueprint.events) tellEvent(builder);
  forceResult(builder, blueprint);
  const tracing = convention.mechanism === 'fmod_ret';
  return {
    name: 'fault',
    attachment: { kind: tracing ? 'fmod_ret' : 'kprobe', function: faultPoint.function },
    instructions: (tracing ? askNext(builder.place(out)) : leaveScope(entered)).build(),
  };
}

/** A kernel thread writes pages that the target dirtied: without a call chain, the cgroup that is charged counts. */
function ioOwnerMatch({ faultPoint, frames, scopes, facts, convention }: Blueprint) {
  if (faultPoint.failtype !== 2 || frames.length > 0) return undefined;
  return (builder: ProgramBuilder, found: Label) => {
    convention.loadArgument(builder, R7, 0);
    matchIoOwner(builder, scopes, facts, found);
  };
}

/** The holder sets the deadline when all programs are attached; until then it is 0, so this also holds them back. */
function stopAfterDeadline(builder: ProgramBuilder, out: Label): void {
  builder.call('ktime_get_ns').loadMapValue(R1, 'control').load('u64', R1, R1, CONTROL.deadline);
  builder.note('past the deadline?').jump('ge', R0, R1, out);
}

function spareInterrupts(builder: ProgramBuilder, { facts }: Blueprint, out: Label): void {
  const interrupt = builder.label('interrupt');
  const task = builder.label('task');
  jumpInInterrupt(builder, facts, interrupt);
  builder.goto(task).place(interrupt);
  count(builder, 'sparedInterrupt');
  builder.goto(out).place(task);
}

/** All frames must be entered, and the innermost must lie above the fault point on the stack. */
function requireChain(builder: ProgramBuilder, { frames, convention }: Blueprint, out: Label): void {
  if (frames.length > 0) {
    lookupThread(builder);
    builder.jumpImmediate('eq', R0, 0, out).load('u64', R1, R0, LEVEL);
    builder.note('whole chain entered?').jumpImmediate('lt', R1, frames.length, out);
    builder.load('u64', R1, R0, depthOffset(frames.length - 1));
    convention.loadDepth(builder, R2, 'entry');
    builder.jump('le', R1, R2, out);
  }
  count(builder, 'inChain');
}

function spareNoFail(
  builder: ProgramBuilder,
  { faultPoint, convention, facts }: Blueprint,
  out: Label,
): void {
  if (faultPoint.gfpArgument === undefined) return;
  const mayFail = builder.label('may fail');
  convention.loadArgument(builder, R1, faultPoint.gfpArgument);
  builder
    .aluImmediate('and', R1, facts.gfp.__GFP_NOFAIL ?? 0)
    .note('__GFP_NOFAIL?')
    .jumpImmediate('eq', R1, 0, mayFail);
  count(builder, 'sparedNoFail');
  builder.goto(out).place(mayFail);
}

/**
 * Takes one of the target's `times` faults. The old value of an atomic addition is unique, so exactly `times` of them
 * are below the limit, on any number of CPUs; reading first keeps the count from growing without bound.
 */
function takeOne(builder: ProgramBuilder, { times, single, scopes }: Blueprint, out: Label): void {
  if (times === 0 && !single) return;
  const usedUp = builder.label('used up');
  const taken = builder.label('taken');
  builder.loadMapValue(R1, 'given');
  if (scopes.length > 1) builder.mov(R2, R9).aluImmediate('lsh', R2, 3).alu('add', R1, R2);
  if (single) {
    builder.constant(R2, 1).atomicFetchAdd(R1, 0, R2).aluImmediate('add', R2, 1);
    builder.loadMapValue(R3, 'control').load('u64', R3, R3, CONTROL.nth);
    builder.note('the one whose turn it is?').jump('eq', R2, R3, taken);
  } else {
    builder.constant(R3, times).load('u64', R2, R1, 0).jump('ge', R2, R3, usedUp);
    builder.constant(R2, 1).atomicFetchAdd(R1, 0, R2).note(`of ${times}`).jump('lt', R2, R3, taken);
  }
  builder.place(usedUp);
  count(builder, 'usedUp');
  builder.goto(out).place(taken);
}

/** Stack slots of {@link recordSite}: the stack's id (s32), and a fresh counter (u64). */
const STACK_ID = -8;
const ZERO = -16;

/** Counts the fault under its kernel stack. If a map is full, the fault is still counted in `fired`. */
function recordSite(builder: ProgramBuilder): void {
  const known = builder.label('known site');
  const done = builder.label('recorded');
  builder.mov(R1, R6).loadMap(R2, 'stacks').constant(R3, 0).call('get_stackid');
  builder.store('u32', FP, STACK_ID, R0).jumpImmediate('slt', R0, 0, done);
  const lookup = () => {
    builder.loadMap(R1, 'sites').mov(R2, FP).aluImmediate('add', R2, STACK_ID).call('map_lookup_elem');
    return builder;
  };
  lookup().jumpImmediate('ne', R0, 0, known);
  // BPF_NOEXIST (1): two CPUs may see a new site at once; the loser of the race adds to the winner's entry.
  builder
    .storeImmediate('u64', FP, ZERO, 0)
    .loadMap(R1, 'sites')
    .mov(R2, FP)
    .aluImmediate('add', R2, STACK_ID);
  builder.mov(R3, FP).aluImmediate('add', R3, ZERO).constant(R4, 1).call('map_update_elem');
  lookup().jumpImmediate('eq', R0, 0, done);
  builder.place(known).constant(R1, 1).atomicAdd(R0, 0, R1).place(done);
}

/** Puts a {@link FAULT_EVENT} into the ring, behind the stack id that {@link recordSite} left. */
function tellEvent(builder: ProgramBuilder): void {
  const base = STACK_ID - FAULT_EVENT.size;
  builder.load('u32', R1, FP, STACK_ID).store('u32', FP, base + FAULT_EVENT.stackId, R1);
  builder.store('u32', FP, base + FAULT_EVENT.target, R9);
  builder.call('ktime_get_ns').store('u64', FP, base + FAULT_EVENT.time, R0);
  builder.call('get_current_pid_tgid').store('u64', FP, base + FAULT_EVENT.threadAndProcess, R0);
  builder
    .mov(R1, FP)
    .aluImmediate('add', R1, base + FAULT_EVENT.command)
    .constant(R2, 16)
    .call('get_current_comm');
  builder.loadMap(R1, 'events').mov(R2, FP).aluImmediate('add', R2, base).constant(R3, FAULT_EVENT.size);
  builder.constant(R4, 0).call('ringbuf_output');
}

function forceResult(builder: ProgramBuilder, { faultPoint, convention }: Blueprint): void {
  builder.note(`${faultPoint.function} returns ${faultPoint.forcedResult}`);
  if (convention.mechanism === 'fmod_ret') {
    builder.constant(R0, faultPoint.forcedResult).exit();
    return;
  }
  builder.mov(R1, R6).constant(R2, faultPoint.forcedResult).call('override_return').constant(R0, 0).exit();
}
