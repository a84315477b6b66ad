/** How often something was asked for, and how often it met a fault. */
export interface FaultCounts {
  /** Requests in the scope of the experiment, chosen or not. */
  readonly reached: number;
  /** Faults that happened. */
  readonly fired: number;
}

/** Of one method of a file system: `write`, `fsync`. */
export interface MethodCounts extends FaultCounts {
  readonly method: string;
}

/** What one experiment did. */
export interface ExperimentFaults extends FaultCounts {
  /** The name in its document. */
  readonly name: string;
  /** For IOChaos. */
  readonly methods: readonly MethodCounts[];
  /** The seed of its random choices, if it makes any: `seed` in the document repeats them. */
  readonly seed: number | undefined;
  /** Why no fault happened; undefined if one did, or while the faults last. */
  readonly whyNot: string | undefined;
}

/** One request on a volume that met a fault. */
export interface IoFault {
  readonly experiment: string;
  /** The number of the request among those that the experiment matched, from 1. */
  readonly match: number;
  /** `fault`, `latency`, `attrOverride`, `mistake` */
  readonly action: string;
  readonly method: string;
  /** Relative to the volume. */
  readonly path: string;
  /** For reads and writes. */
  readonly offsetBytes: number | undefined;
  readonly sizeBytes: number | undefined;
  /** The pid of the caller; undefined if the kernel made the request itself. */
  readonly process: number | undefined;
  /** `EIO` */
  readonly errno: string | undefined;
  readonly delayMs: number | undefined;
  readonly damagedBytes: number | undefined;
}

/** One request to the kernel that failed. */
export interface KernelFault {
  readonly experiment: string;
  readonly process: number;
  readonly thread: number;
}

/** What all experiments did. */
export interface FaultsResult extends FaultCounts {
  readonly experiments: readonly ExperimentFaults[];
  /** Each fault of IOChaos, in order; fewer than `fired` if they came faster than they could be reported. */
  readonly io: readonly IoFault[];
  /** As `io`, for KernelChaos. */
  readonly kernel: readonly KernelFault[];
}
