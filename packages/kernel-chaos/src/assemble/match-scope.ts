import {
  FP,
  hasMember,
  type Label,
  offsetOf,
  type ProgramBuilder,
  R0,
  R1,
  R2,
  R3,
  R7,
  R8,
  R9,
} from '@ordeal/bpf';
import type { KernelFacts } from '../kernel-facts.js';
import type { Scope } from '../scope.js';
import { readChain } from './read-chain.js';

/**
 * Finds the target that the current task belongs to: goes to `found` with its index in R9, or falls through. This runs
 * for every task of the machine, so it comes first and does as little as possible. R0 to R5 are lost.
 */
export function matchCurrentTask(
  builder: ProgramBuilder,
  scopes: readonly Scope[],
  facts: KernelFacts,
  found: Label,
): void {
  matchCgroups(builder, scopes, found);
  matchPidNamespaces(builder, scopes, facts, found);
  if (scopes.some((scope) => scope.kind === 'process-tree')) matchMembers(builder, scopes.length, found);
}

/** One helper call a level, one comparison a target. */
function matchCgroups(builder: ProgramBuilder, scopes: readonly Scope[], found: Label): void {
  const levels = new Set(scopes.flatMap((scope) => (scope.kind === 'cgroup' ? [scope.level] : [])));
  for (const level of levels) {
    builder
      .constant(R1, level)
      .note(`id of the ancestor at level ${level}`)
      .call('get_current_ancestor_cgroup_id');
    scopes.forEach((scope, index) => {
      if (scope.kind !== 'cgroup' || scope.level !== level) return;
      builder.constant(R9, index).constant(R1, scope.id).jump('eq', R0, R1, found);
    });
  }
}

/**
 * A task is in a namespace or one of its descendants when the namespace stands at its own level in the task's pid
 * (`task->thread_pid->numbers[level].ns`).
 */
function matchPidNamespaces(
  builder: ProgramBuilder,
  scopes: readonly Scope[],
  { btf }: KernelFacts,
  found: Label,
): void {
  scopes.forEach((scope, index) => {
    if (scope.kind !== 'pid-namespace') return;
    const next = builder.label('other namespace');
    const pid = offsetOf(btf, 'task_struct', 'thread_pid');
    builder.call('get_current_task').mov(R3, R0);
    readChain(builder, [pid, offsetOf(btf, 'pid', 'level')], 'u32', next);
    builder.jumpImmediate('lt', R3, scope.level, next);
    const upid = offsetOf(btf, 'pid', 'numbers') + scope.level * UPID_SIZE + offsetOf(btf, 'upid', 'ns');
    builder.call('get_current_task').mov(R3, R0);
    readChain(builder, [pid, upid, offsetOf(btf, 'pid_namespace', 'ns.inum')], 'u32', next);
    builder.constant(R9, index).constant(R1, scope.inode).jump('eq', R3, R1, found);
    builder.place(next);
  });
}

/** `struct upid { int nr; struct pid_namespace *ns; }` (include/linux/pid.h) */
const UPID_SIZE = 16;

/** The processes of all trees are in one map; {@link processTreePrograms} keeps it up to date. */
function matchMembers(builder: ProgramBuilder, targets: number, found: Label): void {
  const outside = builder.label('in no tree');
  builder.call('get_current_pid_tgid').aluImmediate('rsh', R0, 32).store('u32', FP, -8, R0);
  builder.loadMap(R1, 'members').mov(R2, FP).aluImmediate('add', R2, -8).call('map_lookup_elem');
  builder.jumpImmediate('eq', R0, 0, outside).load('u32', R9, R0, 0);
  builder.jumpImmediate('lt', R9, targets, found);
  builder.place(outside);
}

/**
 * Finds the target of a block I/O request by the cgroup that is charged for it, which for dirty pages written back
 * later is the one that dirtied them. The address of the bio is in R7; goes to `found` with the index in R9 or falls
 * through. On kernels without blkcg it does nothing.
 */
export function matchIoOwner(
  builder: ProgramBuilder,
  scopes: readonly Scope[],
  { btf }: KernelFacts,
  found: Label,
): void {
  if (!ioOwnerKnown(btf) || !scopes.some((scope) => scope.kind === 'cgroup')) return;
  const nobody = builder.label('no owner');
  builder.mov(R3, R7);
  loadIoOwner(builder, btf, nobody);
  builder.store('u64', FP, OWNER, R3);
  scopes.forEach((scope, index) => {
    if (scope.kind !== 'cgroup') return;
    const next = builder.label('other owner');
    builder.load('u64', R3, FP, OWNER);
    readChain(builder, [offsetOf(btf, 'cgroup', 'level')], 'u32', next);
    builder.jumpImmediate('lt', R3, scope.level, next);
    const ancestor = offsetOf(btf, 'cgroup', 'ancestors') + 8 * scope.level;
    builder.load('u64', R3, FP, OWNER);
    readChain(
      builder,
      [ancestor, offsetOf(btf, 'cgroup', 'kn'), offsetOf(btf, 'kernfs_node', 'id')],
      'u64',
      next,
    );
    builder.constant(R9, index).constant(R1, scope.id).jump('eq', R3, R1, found);
    builder.place(next);
  });
  builder.place(nobody);
}

/** Stack slot of {@link matchIoOwner}. */
const OWNER = -32;

/**
 * R3 = the cgroup that the bio in R3 is charged to (`bio->bi_blkg->blkcg->css.cgroup`); jumps if there is none. One of a
 * v1 hierarchy is none either: its ids are numbered like those of cgroup v2, and mean other cgroups. R0 to R2 and R8 are lost.
 */
export function loadIoOwner(builder: ProgramBuilder, btf: KernelFacts['btf'], none: Label): void {
  const cgroup = offsetOf(btf, 'blkcg', 'css') + offsetOf(btf, 'cgroup_subsys_state', 'cgroup');
  readChain(
    builder,
    [offsetOf(btf, 'bio', 'bi_blkg'), offsetOf(btf, 'blkcg_gq', 'blkcg'), cgroup],
    'u64',
    none,
  );
  builder.mov(R8, R3);
  readChain(
    builder,
    [offsetOf(btf, 'cgroup', 'root'), offsetOf(btf, 'cgroup_root', 'hierarchy_id')],
    'u32',
    none,
  );
  builder.note('cgroup v2?').jumpImmediate('ne', R3, 0, none).mov(R3, R8);
}

/** Whether this kernel records the cgroup that is charged for I/O (CONFIG_BLK_CGROUP, `ancestors` since 6.1). */
export function ioOwnerKnown(btf: KernelFacts['btf']): boolean {
  return hasMember(btf, 'bio', 'bi_blkg') && hasMember(btf, 'cgroup', 'ancestors');
}
