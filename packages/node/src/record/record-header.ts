/** The format that this version writes and reads. */
export const RECORD_FORMAT = 1;

/**
 * The first line of a record. The others are the events of the run, each fault included, but not the counters; without the words
 * that `--json` has besides.
 */
export interface RecordHeader {
  readonly type: 'record';
  readonly format: typeof RECORD_FORMAT;
  readonly at: string;
  /** Versions. */
  readonly ordeal: string;
  readonly kernel: string;
  readonly node: string;
  readonly documents: readonly RecordedDocument[];
  /** For what is random in documents without a seed. */
  readonly seed?: number | undefined;
  /** Undefined for a target that ran already. */
  readonly command?: readonly string[] | undefined;
  readonly flags: RecordedFlags;
}

/** A file of experiments. */
export interface RecordedDocument {
  readonly file: string;
  readonly text: string;
}

/** Flags that decide where and when there are faults, as they were written. */
export interface RecordedFlags {
  readonly pid?: string;
  readonly cgroup?: string;
  readonly container?: string;
  readonly mechanism?: 'fmod_ret' | 'kprobe';
  readonly duration?: string;
  readonly before?: string;
  readonly after?: string;
  readonly withExec?: true;
}
