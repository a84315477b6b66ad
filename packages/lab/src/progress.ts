/** A progress report about a long step. */
export interface Progress {
  /** The whole step. */
  readonly step: 'packages' | 'kernel' | 'boot';
  /** The current part, for example `compile`. */
  readonly stage: string;
  /** Done share of the whole step, 0 to 1, if it can be estimated. */
  readonly fraction?: number;
  /** Estimated seconds until the whole step is done. */
  readonly etaSeconds?: number;
}

/** Called at intervals during a long step; must not throw. */
export type ProgressListener = (progress: Progress) => void;
