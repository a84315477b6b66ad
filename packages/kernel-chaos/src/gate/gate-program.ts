import {
  FP,
  type Label,
  type MapSpec,
  offsetOf,
  ProgramBuilder,
  type ProgramSpec,
  R0,
  R1,
  R2,
  R3,
  R6,
  R7,
  R8,
  R9,
} from '@ordeal/bpf';
import { ioOwnerKnown, loadIoOwner } from '../assemble/match-scope.js';
import { readChain } from '../assemble/read-chain.js';
import type { KernelFacts } from '../kernel-facts.js';
import { askNext, askPending, loadPending, WORDS } from './ask-next.js';
import { MAX_CGROUPS, MAX_LEVEL, SLOTS } from './gate-slots.js';

/**
 * The only value of `gate_control`: u64 tag, which changes when an experiment is added or leaves; u64 levels, bit n =
 * some experiment's cgroup has depth n; then the set of slots that are asked for every task.
 */
export const GATE_CONTROL = { tag: 0, levels: 8, always: 16, size: 16 + 8 * WORDS } as const;
/** Entries of `gate_outside`, a power of two. */
const OUTSIDE = 1024;
/** Ids of cgroups are numbered from 1; those that need more bits are not remembered in `gate_outside`. */
export const ID_BITS = 40;

/** The maps of one gate. */
export function gateMaps(): MapSpec[] {
  const single = { type: 'array', keySize: 4, entries: 1 } as const;
  return [
    { ...single, name: 'gate_control', valueSize: GATE_CONTROL.size },
    // Cgroups that were found to be outside all scopes: id xor tag, u64, at the place that the id's low bits give.
    { ...single, name: 'gate_outside', valueSize: 8 * OUTSIDE },
    // Cgroup id (u64) to the slots that have it as a scope.
    { name: 'gate_scopes', type: 'hash', keySize: 8, valueSize: 8 * WORDS, entries: MAX_CGROUPS },
    { name: 'gate_pending', type: 'perCpuArray', keySize: 4, valueSize: 8 * WORDS, entries: 1 },
    { name: 'gate_slots', type: 'programArray', keySize: 4, valueSize: 4, entries: SLOTS },
  ];
}

/** Without CONFIG_CGROUPS there are no helpers to look a cgroup up, nor scopes that need it. */
function hasCgroups(btf: KernelFacts['btf']): boolean {
  return btf.find('struct', 'cgroup') !== undefined;
}

/** Whether a function gets a block I/O request, whose cgroup counts as well as the task's. */
export function hasIoOwner(target: string, facts: KernelFacts): boolean {
  return target === 'should_fail_bio' && ioOwnerKnown(facts.btf);
}

/** Stack slots: the key of a lookup, the slots found, whether this lookup found any, what to remember, the owner. */
const KEY = -8;
const FOUND = -48;
const ANY = -56;
const TAGGED = -64;
const OWNER = -72;
const OWNER_LEVEL = -80;

/**
 * The one program that is attached at a fault point. It runs for every task of the machine, so it first asks whether the
 * task's cgroup is known to be outside all scopes, which costs the same for one experiment and for a hundred. If not,
 * the programs of those experiments that may concern it run one after the other, until one forces a result. Each of them
 * checks its scopes itself: the gate only leaves out the others.
 */
export function gateProgram(target: string, facts: KernelFacts): ProgramSpec {
  const builder = new ProgramBuilder();
  const owner = hasIoOwner(target, facts);
  const out = builder.label('out');
  const outside = builder.label('outside');
  const next = builder.label('owner');
  const found = builder.label('found');
  builder.mov(R6, R1).loadMapValue(R7, 'gate_control');
  if (hasCgroups(facts.btf)) {
    builder.load('u64', R1, R7, GATE_CONTROL.levels).jumpImmediate('eq', R1, 0, outside);
    if (owner) forgetFound(builder);
    builder.call('get_current_cgroup_id').mov(R8, R0);
    jumpIfKnownOutside(builder, owner ? next : outside);
    if (!owner) forgetFound(builder);
    lookUp(builder, (level) => builder.constant(R1, level).call('get_current_ancestor_cgroup_id'));
    if (owner) lookUpOwner(builder.place(next), facts, found);
    builder.goto(found);
  }
  builder.place(outside);
  builder.load('u64', R1, R7, GATE_CONTROL.always);
  for (let word = 1; word < WORDS; word++) {
    builder.load('u64', R2, R7, GATE_CONTROL.always + 8 * word).alu('or', R1, R2);
  }
  builder.note('anybody who is asked always?').jumpImmediate('eq', R1, 0, out);
  forgetFound(builder);
  builder.place(found);
  loadPending(builder);
  builder.jumpImmediate('eq', R0, 0, out);
  for (let word = 0; word < WORDS; word++) {
    builder.load('u64', R1, FP, FOUND + 8 * word).load('u64', R2, R7, GATE_CONTROL.always + 8 * word);
    builder.alu('or', R1, R2).store('u64', R0, 8 * word, R1);
  }
  askPending(builder, out);
  const instructions = builder.place(out).constant(R0, 0).exit().build();
  return { name: 'gate', attachment: { kind: 'fmod_ret', function: target }, instructions };
}

/** Stands in a slot that an experiment has left, for tasks that are under way to it. */
export function passProgram(target: string): ProgramSpec {
  const instructions = askNext(new ProgramBuilder().mov(R6, R1)).build();
  return { name: 'pass', attachment: { kind: 'fmod_ret', function: target }, instructions };
}

function forgetFound(builder: ProgramBuilder): void {
  for (let word = 0; word < WORDS; word++) builder.storeImmediate('u64', FP, FOUND + 8 * word, 0);
}

/** With a cgroup's id in R8: R9 = its place in `gate_outside`; jumps if that says that it is outside all scopes. */
function jumpIfKnownOutside(builder: ProgramBuilder, known: Label): void {
  builder
    .mov(R1, R8)
    .aluImmediate('and', R1, OUTSIDE - 1)
    .aluImmediate('lsh', R1, 3);
  builder.loadMapValue(R9, 'gate_outside').alu('add', R9, R1);
  builder.load('u64', R1, R7, GATE_CONTROL.tag).alu('xor', R1, R8).load('u64', R2, R9, 0);
  builder.note('known to be outside?').jump('eq', R1, R2, known);
}

/**
 * Adds the slots of the cgroup whose id is in R8 and of its ancestors to those found; if there are none, remembers so at
 * R9, see {@link jumpIfKnownOutside}.
 * @param ancestor leaves in R0 the id of the ancestor at a level, 0 if there is none; R6 to R9 stay
 */
function lookUp(builder: ProgramBuilder, ancestor: (level: number) => void): void {
  const done = builder.label('done');
  builder.load('u64', R1, R7, GATE_CONTROL.tag).alu('xor', R1, R8).store('u64', FP, TAGGED, R1);
  // A full barrier: levels and scopes are read after the tag under which the answer is remembered. On the stack, since
  // tasks outside all scopes read the control value on every CPU.
  builder.constant(R1, 0).note('barrier').atomicFetchAdd(FP, TAGGED, R1).storeImmediate('u64', FP, ANY, 0);
  for (let first = 1; first <= MAX_LEVEL; first += LEVELS_AT_ONCE) {
    const deeper = builder.label(`none from ${first} on`);
    const levels = Array.from({ length: LEVELS_AT_ONCE }, (_, index) => first + index);
    skipUnlessScope(builder, levels, deeper);
    for (const level of levels) {
      const next = builder.label(`not ${level}`);
      skipUnlessScope(builder, [level], next);
      ancestor(level);
      builder.store('u64', FP, KEY, R0).loadMap(R1, 'gate_scopes').mov(R2, FP).aluImmediate('add', R2, KEY);
      builder.call('map_lookup_elem').jumpImmediate('eq', R0, 0, next).storeImmediate('u64', FP, ANY, 1);
      for (let word = 0; word < WORDS; word++) {
        builder.load('u64', R1, R0, 8 * word).load('u64', R2, FP, FOUND + 8 * word);
        builder.alu('or', R1, R2).store('u64', FP, FOUND + 8 * word, R1);
      }
      builder.place(next);
    }
    builder.place(deeper);
  }
  builder.load('u64', R1, FP, ANY).jumpImmediate('ne', R1, 0, done);
  builder.mov(R1, R8).aluImmediate('rsh', R1, ID_BITS).jumpImmediate('ne', R1, 0, done);
  builder.load('u64', R1, FP, TAGGED).store('u64', R9, 0, R1).place(done);
}

/** Levels that are skipped together; divides {@link MAX_LEVEL}. */
const LEVELS_AT_ONCE = 6;

function skipUnlessScope(builder: ProgramBuilder, levels: readonly number[], skip: Label): void {
  const bits = levels.reduce((set, level) => set | (1 << level), 0);
  builder.load('u64', R1, R7, GATE_CONTROL.levels).aluImmediate('and', R1, bits);
  builder.jumpImmediate('eq', R1, 0, skip);
}

/** The same for the cgroup that a block I/O request, the function's first argument, is charged to. */
function lookUpOwner(builder: ProgramBuilder, { btf }: KernelFacts, none: Label): void {
  const id = [offsetOf(btf, 'cgroup', 'kn'), offsetOf(btf, 'kernfs_node', 'id')];
  builder.load('u64', R3, R6, 0);
  loadIoOwner(builder, btf, none);
  builder.store('u64', FP, OWNER, R3);
  readChain(builder, [offsetOf(btf, 'cgroup', 'level')], 'u32', none).store('u64', FP, OWNER_LEVEL, R3);
  builder.load('u64', R3, FP, OWNER);
  readChain(builder, id, 'u64', none).mov(R8, R3);
  jumpIfKnownOutside(builder, none);
  lookUp(builder, (level) => {
    const known = builder.label(`id at level ${level}`);
    builder.constant(R0, 0).load('u64', R1, FP, OWNER_LEVEL).jumpImmediate('lt', R1, level, known);
    builder.load('u64', R3, FP, OWNER);
    const unreadable = builder.label(`no cgroup at level ${level}`);
    readChain(builder, [offsetOf(btf, 'cgroup', 'ancestors') + 8 * level, ...id], 'u64', unreadable);
    builder.mov(R0, R3).goto(known).place(unreadable).constant(R0, 0).place(known);
  });
}
