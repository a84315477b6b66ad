import type { HeldLocks } from './description-state.js';
import type { OldSide } from './old-side.js';
import type { LastAppend } from './repeated-appends.js';
import type { LastChange } from './repeated-changes.js';
import type { OpenOnNewSide } from './sides.js';
import type { UnwrittenPages } from './unwritten-pages.js';

/**
 * Progress of a move: all processes are stopped; one can make calls; its mappings and directories are moved; all is
 * moved.
 */
export type MoveStep = 'stopped' | 'prepared' | 'mapped' | 'moved';

/** How to move if the server of the old side is dead. */
export interface DeadServer {
  readonly unwritten: UnwrittenPages;
  /**
   * Ends the connection, once. Called when all processes have been asked to stop: a thread that waits for the server then stops as
   * it leaves its system call, and makes it once more on the new side.
   */
  readonly endConnection: () => void;
  /** What it was appending; asked when it and the connection have ended. `undefined` where that is not known. */
  readonly lastAppend: () => LastAppend | undefined;
  /** Which name it had changed and not answered; asked at the same time. `undefined` for none. */
  readonly lastChange: () => LastChange | undefined;
}

export interface MoveOptions {
  /** An O_PATH descriptor of the old tree's root, a directory or a single file, which stays the caller's. */
  readonly from: number | OldSide;
  readonly openOnNewSide: OpenOnNewSide;
  /**
   * The processes to look at; asked again until no new ones appear. While processes are stopped only new ones are asked
   * for, `among` those that have started: telling who sees a tree takes long where there are many.
   */
  readonly processes: (among?: readonly number[]) => readonly number[];
  /** Whether the old side keeps written data back, as a server with a write-back cache does. Default: no. */
  readonly writeBack?: boolean;
  /** Given where the old side's server has died. */
  readonly dead?: DeadServer;
  /** Where the old side keeps locks itself. Default: the kernel is asked, which knows those of all local files. */
  readonly heldLocks?: HeldLocks;
  /** Whether programs and libraries move too. Default: no. */
  readonly executables?: boolean;
  /** Milliseconds that one process may take to stop. Default: 2000. */
  readonly stopTimeoutMs?: number;
  /** Called right before processes are stopped, for what would otherwise delay them. */
  readonly beforeStop?: () => void;
  /** Called with the progress of the move. */
  readonly reached?: (step: MoveStep) => void;
}
