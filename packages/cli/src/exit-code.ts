/** How `ordeal` itself ends. A run can end with its command's exit code, or one of RUN_EXIT of @ordeal/node, too. */
export const EXIT = {
  ok: 0,
  /** Problems were found, or the run failed. */
  failed: 1,
  /** The command line cannot be understood. */
  usage: 2,
} as const;
