import type { Code } from '@ordeal/diagnostics';
import type { MethodCount } from '@ordeal/io-chaos';
import { type LiftReason, methodSums, type SiteSummary, type Target } from '@ordeal/node';

/** How long faults last, and whether they are active now. */
export interface Terms {
  /** When the faults end, milliseconds since 1970; undefined = when they are lifted. */
  readonly deadline: number | undefined;
  readonly paused: boolean;
}

/** The reason of a refusal, as data. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
}

/** The counters of an injection. All numbers only grow while it is armed. */
export interface Counts {
  /** A request matched, before the random draw; for kernel faults, the fault point was entered. */
  readonly reached: number;
  /** A fault happened. */
  readonly fired: number;
  /** I/O faults: by method. */
  readonly methods: readonly MethodCount[];
  /** Kernel faults: every counter of the programs by its name. */
  readonly kernel: Readonly<Record<string, number>>;
}

/** `deserted`: the target has ended. `lost`: the injecting process has died, and the target has no faults any more. */
export type InjectionState = 'active' | 'paused' | 'expired' | 'deserted' | 'lost';

export interface Observation {
  readonly state: InjectionState;
  readonly counts: Counts;
  /** Kernel faults that have ended: where they happened, most frequent first. */
  readonly sites: readonly SiteSummary[];
}

/** The faults on one target. */
export interface Injection<Spec> {
  /** The current state, without waiting. */
  readonly state: InjectionState;
  /** What the faults had counted when they were taken over from a process that died; all 0 if they are new. */
  readonly adopted: Counts;
  /** Whether nothing happens now, so that an observation would be the same as the last one. */
  readonly quiet: boolean;
  /** Rejects if the injecting process does not answer. */
  observe(): Promise<Observation>;
  /**
   * Other faults, another deadline, pause or resume.
   *
   * @returns false if that needs an injection of its own, and this one must be ended
   * @throws OrdealError; the faults are then as they were
   */
  update(spec: Spec, terms: Terms): Promise<boolean>;
  /**
   * Lifts the faults. Never rejects; a second call gets the same answer.
   *
   * @param reason for who hears of it
   * @returns the last observation, and what could not be lifted
   */
  end(reason?: LiftReason): Promise<EndedInjection>;
}

export interface EndedInjection extends Observation {
  readonly left: readonly string[];
}

/** A mechanism of injection. */
export interface Engine<Spec> {
  /** Throws what arming would refuse; touches nothing. */
  check(spec: Spec, target: Target): Refusal[];
  /**
   * Arms, or takes over what a process that died has armed with this claim.
   *
   * @param claim a name that no other injection has, the same in each process that holds it
   * @throws OrdealError; everything is then as it was
   */
  arm(spec: Spec, target: Target, terms: Terms, claim: string): Promise<Injection<Spec>>;
}

export const NO_COUNTS: Counts = { reached: 0, fired: 0, methods: [], kernel: {} };

/** The sum of the counters of successive injections. Pure. */
export function addCounts(one: Counts, other: Counts): Counts {
  const names = new Set([...Object.keys(one.kernel), ...Object.keys(other.kernel)]);
  const kernel = [...names].map((name) => [name, (one.kernel[name] ?? 0) + (other.kernel[name] ?? 0)]);
  return {
    reached: one.reached + other.reached,
    fired: one.fired + other.fired,
    methods: methodSums([...one.methods, ...other.methods]),
    kernel: Object.fromEntries(kernel),
  };
}

/** What `one` has more than `other`, counter by counter. Pure. */
export function countsBeyond(one: Counts, other: Counts): Counts {
  const more = (mine: number, theirs = 0) => Math.max(0, mine - theirs);
  const methods = one.methods.map(({ method, reached, fired }) => {
    const known = other.methods.find((each) => each.method === method);
    return { method, reached: more(reached, known?.reached), fired: more(fired, known?.fired) };
  });
  const kernel = Object.entries(one.kernel).map(([name, count]) => [name, more(count, other.kernel[name])]);
  return {
    reached: more(one.reached, other.reached),
    fired: more(one.fired, other.fired),
    methods,
    kernel: Object.fromEntries(kernel),
  };
}

/** Nanoseconds until a deadline, at least 0; undefined if there is none. */
export function nanosecondsUntil(deadline: number | undefined): bigint | undefined {
  return deadline === undefined
    ? undefined
    : BigInt(Math.max(0, Math.round(deadline - Date.now()))) * 1_000_000n;
}
