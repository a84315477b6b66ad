import type { Place } from '@ordeal/diagnostics';
import type { IOChaosSpec } from './kinds/io-chaos.js';
import type { KernelChaosSpec } from './kinds/kernel-chaos.js';
import type { Kind } from './kinds/registry.js';
import type { ScheduleSpec } from './kinds/schedule.js';

/** The part common to all kinds of document: its source and its name. */
export interface ExperimentDocument<K extends Kind, S> {
  readonly kind: K;
  readonly apiVersion: string;
  readonly name: string;
  /** `default` when not written. */
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
  /** The file's name as the caller gave it. */
  readonly file: string;
  /** Where the document starts. */
  readonly place: Place;
  /**
   * Where a value was written, by its path in this object: `spec.volumePath`,
   * `spec.failKernRequest.callchain[0].funcname`. The place of the nearest written parent when it was not.
   */
  placeOf(path: string): Place;
  readonly spec: S;
}

/** Requests fail inside the kernel. */
export interface KernelChaos extends ExperimentDocument<'KernelChaos', KernelChaosSpec> {}

/** File operations of a volume become slow, fail or lie. */
export interface IOChaos extends ExperimentDocument<'IOChaos', IOChaosSpec> {}

/** Starts experiments repeatedly. The old `scheduler` field of a chaos becomes one, too. */
export interface Schedule extends ExperimentDocument<'Schedule', ScheduleSpec> {}

/** One document that can be run, by `kind`. */
export type Experiment = KernelChaos | IOChaos | Schedule;
