/** Reads a file from an offset on as it is. @returns how many bytes there were */
export type ReadFile = (offset: number, bytes: Uint8Array) => number;

/** What a rule remembers of files: what was there before a write, or the damage that reads have seen. Files are called by a key. */
export interface DamageMemory {
  /** These bytes are about to be overwritten. */
  overwriting(file: string, from: number, to: number, read: ReadFile): void;
  /** The file is about to end here. */
  cutOff(file: string, size: number): void;
  /**
   * Damages a piece of what was read at a place of the file.
   *
   * @param flip damages a piece anew
   * @returns how many bytes are damaged
   */
  damage(file: string, place: number, piece: Uint8Array, flip: (piece: Uint8Array) => void): number;
  /** Puts damage that earlier reads have seen over bytes that were read. */
  show(file: string, offset: number, bytes: Uint8Array): void;
}
