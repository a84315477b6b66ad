import { OrdealError } from '@ordeal/diagnostics';
import { readProcessStart } from '@ordeal/linux';
import { findPodContainer, findTarget, nameContainer, type PodContainer, type Target } from '@ordeal/node';

/** The name of a target, serialisable. */
export type TargetName =
  /**
   * A process with its descendants. `started` (field 22 of /proc/PID/stat) distinguishes it from a later one with this
   * id.
   */
  | { readonly kind: 'pid'; readonly pid: number; readonly started?: string }
  /** A cgroup v2 directory, absolute or relative to the hierarchy's root. */
  | { readonly kind: 'cgroup'; readonly path: string }
  /** A container by id, or a unique prefix of it. */
  | { readonly kind: 'container'; readonly id: string }
  /** The container of this name in a pod, whatever its current id. */
  | ({ readonly kind: 'pod-container' } & PodContainer);

/** A target that exists now. */
export interface FoundTarget {
  readonly target: Target;
  /** Distinguishes it from one of the same name after a restart. */
  readonly identity: string;
}

/** Codes of targets that do not exist now, and may exist later. */
const ABSENT: ReadonlySet<string> = new Set(['ORD-301', 'ORD-302', 'ORD-305']);

/**
 * Completes the name of a process with what distinguishes it from a later one, and that of a container with the name
 * that it keeps when it is restarted.
 *
 * @throws OrdealError ORD-301
 */
export function pinTarget(name: TargetName): TargetName {
  if (name.kind === 'container') {
    const found = nameContainer(name.id);
    if (found === undefined) return name;
    return 'id' in found ? { kind: 'container', ...found } : { kind: 'pod-container', ...found };
  }
  if (name.kind !== 'pid' || name.started !== undefined) return name;
  const started = readProcessStart(name.pid);
  if (started === undefined) throw new OrdealError('ORD-301', `There is no process ${name.pid}`);
  return { ...name, started };
}

/** Whether two names are for the same target. Pure. */
export function isSameTarget(one: TargetName, other: TargetName): boolean {
  if (one.kind === 'pid' && other.kind === 'pid')
    return one.pid === other.pid && one.started === other.started;
  if (one.kind === 'cgroup' && other.kind === 'cgroup') return one.path === other.path;
  if (one.kind === 'pod-container' && other.kind === 'pod-container')
    return one.uid === other.uid && one.container === other.container;
  return one.kind === 'container' && other.kind === 'container' && one.id === other.id;
}

/**
 * The current target of a name; undefined if it does not exist.
 *
 * @throws OrdealError if the name is impossible on this host
 */
export function findNamed(name: TargetName): FoundTarget | undefined {
  try {
    return requireNamed(name);
  } catch (error) {
    if (error instanceof OrdealError && ABSENT.has(error.code)) return undefined;
    throw error;
  }
}

/** Whether a name can be found again when its target has ended: a process cannot. */
export function mayReturn({ kind }: TargetName): boolean {
  return kind !== 'pid';
}

/** The target of a name as it is now. @throws OrdealError with the reason if it does not exist */
export function requireNamed(name: TargetName): FoundTarget {
  const target = findTarget(name.kind === 'pod-container' ? runningContainer(name) : name);
  const { scope } = target;
  if (name.kind === 'pid') {
    const started = readProcessStart(name.pid);
    const ended = target.whenEnded.kind === 'lift' && target.whenEnded.has();
    if (started === undefined || ended || (name.started ?? started) !== started) {
      throw new OrdealError('ORD-301', `Process ${name.pid} has ended`);
    }
    return { target, identity: `process ${name.pid} ${started}` };
  }
  if (scope?.kind === 'cgroup') return { target, identity: `cgroup ${scope.id}` };
  if (scope?.kind === 'pid-namespace') return { target, identity: `pid namespace ${scope.inode}` };
  // A cgroup of version 1: only its processes identify it.
  const [first] = target.processes();
  if (first === undefined) throw new OrdealError('ORD-302', `${target.description} is empty`);
  return { target, identity: `process ${first} ${readProcessStart(first)}` };
}

function runningContainer(name: PodContainer): { kind: 'container'; id: string } {
  const found = findPodContainer(name);
  if (found) return { kind: 'container', id: found.id };
  const { namespace, pod, container } = name;
  throw new OrdealError(
    'ORD-305',
    `Container ${container} of pod ${namespace}/${pod} does not run on this host`,
  );
}
