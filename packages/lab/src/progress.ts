/** One report about a step that takes longer than a moment. */
export interface Progress {
  /** What is being done as a whole. */
  readonly step: 'packages' | 'kernel' | 'boot';
  /** What is being done just now, for example `compile`. */
  readonly stage: string;
  /** Done share of the whole step, 0 to 1, where it can be estimated. */
  readonly fraction?: number;
  /** Estimated seconds until the whole step is done. */
  readonly etaSeconds?: number;
}

/** Called from time to time while something long runs; must not throw. */
export type ProgressListener = (progress: Progress) => void;
