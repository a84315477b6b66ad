/** How a run with one fault turned out, mildest first. */
export const OUTCOMES = [
  /** Ended as without the fault. */
  'survives',
  /** The fault hit the start of the program, which the program cannot handle. */
  'not started',
  /** Exited, with another exit code. */
  'clean error',
  /** Claimed success, but the check failed or the output differs. */
  'wrong',
  /** Had to be killed at the time limit. */
  'hangs',
  /** Was killed by a signal. */
  'signal',
  /** The kernel warned or worse. */
  'kernel',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Unacceptable outcomes. */
export const FAILURES = ['wrong', 'hangs', 'signal', 'kernel'] as const satisfies readonly Outcome[];

export function isFailure(outcome: Outcome | 'no fault'): boolean {
  return FAILURES.some((failure) => failure === outcome);
}

/** The more severe of two. */
export function worse(one: Outcome, other: Outcome): Outcome {
  return OUTCOMES.indexOf(one) >= OUTCOMES.indexOf(other) ? one : other;
}
