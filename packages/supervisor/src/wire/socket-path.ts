/** Where the supervisor listens, below the run directory: in a directory that only root can access. */
export const SOCKET = 'supervisor/socket';
/** Its error output goes here. */
export const OUTPUT = 'supervisor/output';
/** Exit code of a supervisor that found another one running. */
export const HELD_ALREADY = 3;
