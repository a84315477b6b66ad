import type { IOChaosSpec, KernelChaosSpec } from '@ordeal/experiment';
import type { KubeObject } from '@ordeal/kube';

/** "true" pauses an experiment or a schedule; anything else resumes it. */
export const PAUSE = 'experiment.chaos-mesh.org/pause';

/** Whether faults are wanted now, and why. */
export interface Desired {
  readonly phase: 'Run' | 'Stop';
  readonly reason: 'Started' | 'Deleted' | 'TimeUp' | 'Paused';
  /** When the experiment ends, in milliseconds since the epoch; undefined without a duration. */
  readonly endsAt: number | undefined;
}

/**
 * Deletion takes precedence over the end of the time, which takes precedence over the pause. The time counts from the
 * creation of the object.
 */
export function desiredPhase(
  { metadata }: KubeObject,
  { duration }: Pick<KernelChaosSpec | IOChaosSpec, 'duration'>,
  now: number,
): Desired {
  const endsAt =
    duration === undefined
      ? undefined
      : Date.parse(metadata.creationTimestamp) + Number(duration / 1_000_000n);
  if (metadata.deletionTimestamp !== undefined) return { phase: 'Stop', reason: 'Deleted', endsAt };
  if (endsAt !== undefined && now >= endsAt) return { phase: 'Stop', reason: 'TimeUp', endsAt };
  if (isPaused(metadata)) return { phase: 'Stop', reason: 'Paused', endsAt };
  return { phase: 'Run', reason: 'Started', endsAt };
}

/** Whether an object carries the pause annotation. */
export function isPaused({ annotations }: Pick<KubeObject['metadata'], 'annotations'>): boolean {
  return annotations?.[PAUSE] === 'true';
}
