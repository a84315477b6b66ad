import { OrdealError } from '@ordeal/diagnostics';
import { selectContainers } from '@ordeal/node';
import type { Applied } from '../supervisor.js';
import { isSameTarget, pinTarget, requireNamed, type TargetName } from '../target-name.js';
import type { Placement } from './run-entry.js';
import type { RunPart, RunSpec, RunTarget } from './run-spec.js';

/**
 * The injections of one document that begins now. Touches nothing.
 *
 * @param number of the first one; an id is never used twice by a run
 * @throws OrdealError if there is no such target now
 */
export function placePart(
  part: RunPart,
  { name: run, target, seed, record }: RunSpec,
  number: number,
): Placement[] {
  const { key, document, selection } = part;
  const names: TargetName[] =
    target.kind === 'selector'
      ? selectContainers(selection).ids.map((id) => pinTarget({ kind: 'container', id }))
      : [target];
  for (const name of names) requireNamed(name);
  return names.map((name, index) => ({
    id: `${run}/${number + index}`,
    part: key,
    document,
    target: name,
    ...deadlineOf(part),
    ...(seed !== undefined && { seed }),
    ...(record && { reported: true }),
  }));
}

/** What the supervisor is asked to hold. */
export function appliedOf({ document, target, deadline, seed, reported }: Placement): Applied {
  return { document, target, deadline, ...(seed !== undefined && { seed }), ...(reported && { reported }) };
}

/** When the faults of a document end if they begin now. */
export function deadlineOf({ duration }: RunPart): { readonly deadline?: number } {
  return duration === undefined ? {} : { deadline: Date.now() + duration };
}

/** Completes what a client gave. @throws OrdealError ORD-301 */
export function pinRunTarget(target: RunTarget): RunTarget {
  return target.kind === 'selector' ? target : pinTarget(target);
}

/** @throws OrdealError ORD-858 if the name is in use for another target */
export function requireSameTarget(run: string, one: RunTarget, other: RunTarget): void {
  const same =
    one.kind === 'selector' || other.kind === 'selector' ? one.kind === other.kind : isSameTarget(one, other);
  if (same) return;
  throw new OrdealError('ORD-858', `There is a run ${run} for another target`, {
    hint: `Give this one another name with --name, or stop the other one first: ordeal stop ${run}`,
  });
}
