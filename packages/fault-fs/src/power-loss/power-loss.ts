/** What a power failure leaves of what was not made durable. */
export interface PowerLoss {
  /** `all`: nothing of it. `none`: everything. `random`: some of it, by the seed; writes are torn between sectors. */
  readonly lose: 'all' | 'none' | 'random';
  /**
   * `ordered`, as ext4, XFS and Btrfs do it: names change in the order of the calls, and fsync(2) of a file keeps its
   * names. `strict`, as POSIX has it: every name stands for itself, and only fsync(2) of its directory keeps it.
   */
  readonly metadata: 'ordered' | 'strict';
  /** The same seed makes the same choice among the same changes. */
  readonly seed: number;
}

/** What a rule says of it: without a seed, each cut draws one. */
export interface PowerLossSettings extends Omit<PowerLoss, 'seed'> {
  readonly seed?: number | undefined;
  /** Bytes of old data that are kept in memory; more of it is kept in a file. */
  readonly memory?: number | undefined;
}

/**
 * What a failed fsync(2) does to data that was not synced. `keep`: it can be read, but no later fsync writes it, unless it
 * was written again. `lose`: what was there before is there again.
 */
export type AfterFailedSync = 'keep' | 'lose';
