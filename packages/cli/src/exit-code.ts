/** How `ordeal` itself ends. `run` and `lab run` pass on the exit code of their command instead. */
export const EXIT = {
  ok: 0,
  /** Problems were found, or the run failed. */
  failed: 1,
  /** The command line cannot be understood. */
  usage: 2,
} as const;
