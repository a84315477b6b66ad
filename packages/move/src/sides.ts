import type { Fd, FileIdentity } from '@ordeal/linux';

/** A file on the old side that is to be opened on the new side. */
export interface OpenRequest {
  /** A descriptor of this process for the old file: the very open file description that moves, or an O_PATH one. */
  readonly descriptor: number;
  /** Raw bytes of its name below the root; empty for the root itself, `undefined` if it has no name any more. */
  readonly name: Uint8Array | undefined;
  readonly identity: FileIdentity;
  /** Flags for open(2), of this machine. Never O_CREAT, O_EXCL or O_TRUNC. */
  readonly flags: number;
}

/**
 * Opens the same file on the new side. The move owns the result and closes it; a string is the reason why the file
 * cannot be opened. Called before processes are stopped for everything known then, and while they are stopped for the
 * few found late: so never on the thread that serves the new side.
 */
export type OpenOnNewSide = (request: OpenRequest) => Fd | string;

/** Something that stays on the old side, and the reason. */
export interface LeftBehind {
  readonly what: string;
  readonly reason: string;
}
