/** Where the supervisor listens, below the run directory: in a directory of root alone. */
export const SOCKET = 'supervisor/socket';
/** What it says when it fails goes here. */
export const OUTPUT = 'supervisor/output';
/** Exit code of a supervisor that found another one at work. */
export const HELD_ALREADY = 3;
