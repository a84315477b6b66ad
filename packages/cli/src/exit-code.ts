/**
 * The exit codes of `ordeal` itself. A run can also end with its command's exit code, or one of RUN_EXIT of
 * @ordeal/node.
 */
export const EXIT = {
  ok: 0,
  /** Problems were found, or the run failed. */
  failed: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** A replay was not as recorded. */
  differs: 5,
  /** Interrupted: the code with which shells report SIGINT. */
  interrupted: 130,
} as const;

/** What each exit code of `ordeal` means. */
export const EXIT_MEANINGS = [
  ['0', 'done'],
  ['1', 'problems were found, or the run failed'],
  ['2', 'the command line is wrong'],
  ['3', 'faults ended before their time'],
  ['4', 'no fault happened (--require-faults)'],
  ['5', 'a replay differed from its record (replay)'],
  ['130', 'interrupted while the lab was prepared'],
] as const;

/** The environment variables that `ordeal` reads. */
export const ENVIRONMENT = [
  ['NO_COLOR=1', 'no colour'],
  ['ORDEAL_DEBUG=1', 'stack traces'],
  ['ORDEAL_CACHE', 'the directory of the lab'],
] as const;
