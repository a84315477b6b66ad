import type { Output } from '../output/output.js';

/** What every command gets besides its own arguments. */
export interface CommandContext {
  readonly output: Output;
  /** What stands after `--`; undefined if there is no `--`. */
  readonly command: readonly string[] | undefined;
  /** Where this host has journals and sockets of its faults. */
  readonly runDirectory: string;
}
