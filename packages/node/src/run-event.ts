import type { IoFault, MethodCount } from '@ordeal/io-chaos';
import type { Counters } from '@ordeal/kernel-chaos';
import type { MovedProcess } from '@ordeal/move';
import type { ArmedFaults, KernelMeans } from './armed-faults.js';
import type { RunNote } from './run-note.js';
import type { VolumeReach } from './volume-reach.js';

/** What ended the faults of an experiment. */
export type LiftReason =
  | 'duration'
  | 'command ended'
  | 'target ended'
  | 'interrupted'
  | 'guardrail'
  | 'failed';

/** The most that undo logs had, and how often they could not keep everything. */
export interface UndoLogSize {
  readonly memoryBytes: number;
  readonly fileBytes: number;
  /** How often all that was not synced counted as written back. */
  readonly writtenBack: number;
}

/** Faults that happened under one kernel stack. */
export interface SiteSummary {
  readonly faults: number;
  /** Function names, outermost first; an address in hexadecimal if the kernel hides its symbols. */
  readonly stack: readonly string[];
}

/** Processes of one command that ended in the same way. */
export interface EndedProcesses {
  /** `child of NAME` if it ended before its own name could be read. */
  readonly command: string;
  /** They ran when the faults were armed. */
  readonly fromStart: boolean;
  readonly exitCode: number | undefined;
  /** As `exitCode`, undefined if this host reports only that they have ended. */
  readonly signal: string | undefined;
  readonly count: number;
  /** Of the first few. */
  readonly pids: readonly number[];
  /** When the first and the last was seen to have ended, ISO times. */
  readonly firstAt: string;
  readonly lastAt: string;
}

/**
 * The events of a run, in order. `ordeal run` prints nothing else. The name of every number but counters ends with its unit.
 * `at` is an ISO time. `experiment` is the document's name.
 */
export type RunEvent =
  | {
      readonly type: 'command-started';
      readonly at: string;
      readonly command: readonly string[];
      readonly pid: number;
      /** Its own cgroup; undefined on hosts without cgroup v2, where the process tree is followed. */
      readonly cgroup: string | undefined;
    }
  | {
      /** These experiments are being armed; `armed` follows for each. */
      readonly type: 'arming';
      readonly at: string;
      readonly experiments: readonly string[];
    }
  | {
      readonly type: 'armed';
      readonly at: string;
      readonly experiment: string;
      readonly faults: ArmedFaults;
      /** A description of the targets: `./mount-loop and its children (pid 4211, cgroup ordeal/4211)`. */
      readonly targets: readonly string[];
      /** For I/O faults, of each target: the processes whose requests meet them, on the whole host or in its mount namespace. */
      readonly reach?: readonly VolumeReach[];
      /** Undefined = until the command ends or the run is stopped. */
      readonly durationNs: bigint | undefined;
      readonly probabilityPercent: number;
      /** For each target; 0 = no limit. */
      readonly times: number;
      /** The matches that are skipped first, and then each n-th one is chosen. */
      readonly after?: number | undefined;
      readonly every?: number | undefined;
      readonly seed?: number | undefined;
      /** In a replay: so many requests get the recorded faults, whatever the document says. */
      readonly replayed?: number | undefined;
      readonly programs: number;
      /** For I/O faults, the processes that were moved, and how long each was stopped, each time. */
      readonly moved?: readonly (MovedProcess & { readonly command: string })[];
      /** From the checked request to armed. */
      readonly armingMs: number;
      /** The faults were armed before, by a process that died: they go on as they are. */
      readonly adopted?: true;
    }
  | {
      /** Everything that starts at once is armed; Schedules wait for their time. A command goes on from here. */
      readonly type: 'run-started';
      readonly at: string;
    }
  | {
      readonly type: 'counters';
      readonly at: string;
      readonly experiment: string;
      readonly counters: Counters;
      /** By method, for I/O faults; `counters` then have their sums as `reached` and `fired`. */
      readonly methods?: readonly MethodCount[];
      /**
       * For I/O faults: how long the slowest request waited that a rule delayed, of those that were answered within the
       * last second or two. Undefined if there was none.
       */
      readonly slowestMs?: number;
      /** Since it was armed. */
      readonly elapsedMs: number;
      /** Until the faults end; undefined = no set time. */
      readonly remainingMs: number | undefined;
    }
  | {
      readonly type: 'lifted';
      readonly at: string;
      readonly experiment: string;
      readonly reason: LiftReason;
      readonly elapsedMs: number;
      readonly counters: Counters;
      /** By method, for I/O faults; `counters` then have their sums as `reached` and `fired`. */
      readonly methods?: readonly MethodCount[];
      readonly sites: readonly SiteSummary[];
      /** Of an experiment with a random choice. */
      readonly seed?: number | undefined;
      /** Which matching request, from 1, got the only I/O fault; undefined if it was chosen at random. */
      readonly match?: number | undefined;
      /** Of a power loss: what its undo log took; undefined if nobody could tell. */
      readonly undoLog?: UndoLogSize | undefined;
      readonly faults: ArmedFaults;
    }
  | {
      /** One kernel request that failed, if the run asked for each. */
      readonly type: 'fault';
      readonly at: string;
      readonly experiment: string;
      readonly process: number;
      readonly thread: number;
      /** Name of the thread, at most 15 characters. */
      readonly command: string;
      /** Which target it belongs to, an index into `targets` of the `armed` event. */
      readonly target: number;
    }
  | {
      /** One request on a volume that matched a rule, if the run asked for each. */
      readonly type: 'io-fault';
      /** When it matched; a delay begins then. */
      readonly at: string;
      readonly experiment: string;
      /** The number of the request among those that the experiment matched, from 1. */
      readonly match: number;
      readonly action: IoFault['action'];
      /** `other` for requests that have no name in documents. */
      readonly method: string;
      /** Relative to the volume; `.` is the volume itself. */
      readonly path: string;
      /** For reads and writes. */
      readonly offsetBytes: number | undefined;
      readonly sizeBytes: number | undefined;
      /** The caller; undefined if the kernel made the request itself, as it does when it closes a file. */
      readonly process: number | undefined;
      readonly thread: number | undefined;
      /** Name of the thread, at most 15 characters. */
      readonly command: string | undefined;
      /** The error returned instead of the operation: `EIO`. */
      readonly errno: string | undefined;
      readonly delayMs: number | undefined;
      /** Bytes in the ranges that were overwritten; ranges may overlap. */
      readonly damagedBytes: number | undefined;
    }
  | {
      /** Faults that happened, but have no event: they came faster than they could be reported, or their server died. */
      readonly type: 'io-faults-dropped';
      readonly at: string;
      readonly experiments: readonly string[];
      /** Undefined if it is not known: their server died, or did not answer at the end. */
      readonly count: number | undefined;
    }
  | {
      /** A kernel message that matters, seen while faults were armed. */
      readonly type: 'kernel-log';
      readonly at: string;
      readonly severity: 'warning' | 'oom' | 'oops';
      readonly line: string;
    }
  | {
      readonly type: 'kernel-log-clean';
      readonly at: string;
    }
  | {
      /** A target has ended; the faults wait for it to be started again. */
      readonly type: 'target-ended';
      readonly at: string;
      readonly experiments: readonly string[];
      /** A description, as in the `armed` event. */
      readonly target: string;
    }
  | {
      /** It was restarted, and gets the faults again for the rest of their time. */
      readonly type: 'target-back';
      readonly at: string;
      readonly experiments: readonly string[];
      readonly target: string;
      /** Of kernel faults. */
      readonly means?: KernelMeans;
      /** As in the `armed` event. */
      readonly moved: readonly MovedProcess[];
      /** From when it was found. */
      readonly armingMs: number;
    }
  | {
      /** A process of a target that ran when the faults were armed has ended while they last. */
      readonly type: 'process-ended';
      readonly at: string;
      readonly pid: number;
      readonly command: string;
      /** Both undefined if this host reports only that it has ended. */
      readonly exitCode: number | undefined;
      readonly signal: string | undefined;
    }
  | {
      /** All processes of the targets that have ended while faults were armed, except the command of the run. */
      readonly type: 'processes-ended';
      readonly at: string;
      readonly ended: readonly EndedProcesses[];
      /** Processes beyond those in `ended`, which is bounded. */
      readonly others: number;
    }
  | {
      /** A Schedule waits for its next time. */
      readonly type: 'scheduled';
      readonly at: string;
      readonly experiment: string;
      readonly next: string;
    }
  | {
      readonly type: 'note';
      readonly at: string;
      readonly note: RunNote;
    }
  | {
      readonly type: 'command-ended';
      readonly at: string;
      readonly exitCode: number | undefined;
      readonly signal: string | undefined;
    }
  | {
      /** The last event of a run. */
      readonly type: 'run-ended';
      readonly at: string;
      readonly exitCode: number;
      readonly faults: bigint;
      /** Faults ended before their time. */
      readonly endedEarly: boolean;
      /** Of a run that failed: the command line that repeats it. */
      readonly repeat?: string | undefined;
    };

export type RunEventListener = (event: RunEvent) => void;
