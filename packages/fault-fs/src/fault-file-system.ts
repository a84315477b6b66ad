import { randomInt } from 'node:crypto';
import { type Agreement, type Attendant, DeviceChannel, Session } from '@ordeal/fuse';
import { descriptorsForFiles, raiseDescriptorLimit } from './backing/descriptor-limit.js';
import type { Inode } from './bare-files.js';
import { collectGarbage } from './collect-garbage.js';
import { FaultGate } from './fault-gate.js';
import { initRequest } from './init-request.js';
import { HelperThreads } from './offload/helper-threads.js';
import { bypassesRules } from './operations/open.js';
import { PassThrough } from './pass-through.js';
import { cutPower, type PowerCut, type UnsyncedReport, unsyncedOf } from './power-loss/cut-power.js';
import type { PowerLoss } from './power-loss/power-loss.js';
import type { Random } from './random.js';
import type { RuleGroup } from './rules/rule-group.js';
import { RuleSet } from './rules/rule-set.js';
import { type DataPath, Volume } from './volume.js';

/** Threads that are enough for a volume. */
export const HELPERS = 2;

/** Number of dropped nodes that are worth a garbage collection: about 10 MB. */
const MANY = 20_000;

export interface FaultFileSystemOptions {
  /** The original tree: a directory or a single file, O_PATH will do. Owned by the caller, open until the end. */
  readonly root: number;
  /** `/dev/fuse` of the connection, O_NONBLOCK. Owned by the caller. */
  readonly device: number;
  /** A descriptor that interrupts the serving loop while it is readable. Owned by the caller. */
  readonly wakeUp: number;
  /**
   * How files are opened whose reads or writes a rule can match. Default `direct`: every read and write reaches the
   * rules. Before Linux 6.6 such files cannot be mapped shared (ENODEV); `cached` allows it, and lets the page cache
   * answer many reads.
   */
  readonly matched?: 'direct' | 'cached';
  /** How files are opened that no rule for reads or writes can match. Default `passthrough`. */
  readonly unmatched?: DataPath;
  /**
   * How long the kernel may cache names and attributes, in seconds. Default 0: changes by other users of the tree are
   * visible at once, and rules see every request for them.
   */
  readonly attributeTimeoutSeconds?: number;
  /** How many descriptors the process may have, which is set as its limit. Default: as many as the kernel allows. */
  readonly maxDescriptors?: number;
  /**
   * How many files and directories clients may have open, where the process may have `descriptors`; a further open gets
   * ENFILE. Default: {@link descriptorsForFiles}.
   */
  readonly openFiles?: (descriptors: number) => number;
  /** Default 8192, and at most half of all: the clients' open files need descriptors, too. */
  readonly maxPathDescriptors?: number;
  /**
   * Whether reads, writes and syncs that wait for a disk go to an io_uring, where this kernel has one and the tree is on ext4, XFS,
   * Btrfs or F2FS. Default true.
   */
  readonly ring?: boolean;
  /** Makes threads for them where they do not; they end with it. Default: {@link HELPERS}, each about 8 MB. */
  readonly helpers?: () => HelperThreads;
  /**
   * Where locks are taken: on the `original` files (default), so that processes outside the mount are excluded too, or
   * by the `kernel` for the mount alone. Only the latter outlive the server and are found by a move; no rule matches them.
   */
  readonly locks?: 'original' | 'kernel';
  /** Given where an earlier server has already answered INIT. */
  readonly agreement?: Agreement;
  readonly random?: Random;
  readonly log: (line: string) => void;
}

/**
 * The fault file system of one connection, served by the thread that creates it: that thread gets its own umask,
 * working directory and credentials, and must never touch the mount. Create, run and close it there.
 *
 * Linux 5.15 (protocol 7.34); passthrough needs 6.9, shared mappings of files under rules 6.6.
 */
export class FaultFileSystem {
  readonly gate: FaultGate;
  readonly session: Session;
  readonly volume: Volume;
  readonly #random: Random;
  readonly #channel: DeviceChannel;
  #rules = new RuleSet([]);
  #droppedAtTidy = 0;

  /** @throws SyscallError */
  constructor(options: FaultFileSystemOptions) {
    const random = options.random ?? Math.random;
    this.#random = random;
    const attributeTimeoutSeconds = options.attributeTimeoutSeconds ?? 0;
    const unmatched = options.unmatched ?? 'passthrough';
    const init = initRequest(attributeTimeoutSeconds > 0, options.locks);
    const matched = options.matched ?? 'direct';
    this.gate = new FaultGate({ matched, unmatched, random });
    const maxDescriptors = raiseDescriptorLimit(options.maxDescriptors);
    this.volume = new Volume({
      root: options.root,
      device: options.device,
      attributeTimeoutSeconds,
      maxPathDescriptors: Math.min(options.maxPathDescriptors ?? 8192, Math.floor(maxDescriptors / 2)),
      maxDescriptors,
      maxOpenFiles: (options.openFiles ?? descriptorsForFiles)(maxDescriptors),
      policy: this.gate,
      ring: options.ring ?? true,
      helpers: options.helpers ?? (() => HelperThreads.started(HELPERS)),
      maxWrite: init.maxWrite,
    });
    this.gate.connect(this.volume, new PassThrough(this.volume));
    this.#channel = new DeviceChannel(options.device, options.wakeUp, this.volume.ring?.number);
    this.session = new Session({
      channel: this.#channel,
      handler: this.gate,
      init,
      log: options.log,
      ...(this.volume.ring && { completions: this.volume.ring }),
      ...(options.agreement && { agreement: options.agreement }),
    });
  }

  /** Serves until the mount and all its files are gone. */
  run(attendant: Omit<Attendant, 'idle'>): void {
    this.session.run({ ...attendant, idle: () => this.#tidy() });
  }

  /**
   * Replaces the rules. Requests that are delayed by a rule that is off or not among them continue at once; the other
   * delays run out. Without an active group, no request waits for anything but locks.
   */
  use(groups: readonly RuleGroup[]): void {
    const rules = new RuleSet(groups, this.#random);
    this.#rules = rules;
    this.gate.use(rules);
    const { powerLoss } = rules;
    const kept = powerLoss?.metadata ?? (rules.keepsUnsynced ? 'data' : undefined);
    this.volume.keepUnsynced(kept, powerLoss?.memory);
    this.session.flush();
  }

  /** Requests that are delayed now continue at once, without fault. */
  release(): void {
    this.gate.release(() => this.session.flush());
  }

  /** What a power failure could take away now; `undefined` where no rule has that kept. */
  get unsynced(): UnsyncedReport | undefined {
    const { unsynced } = this.volume;
    return this.#rules.powerLoss && unsynced && unsyncedOf(unsynced);
  }

  /**
   * Turns the original tree into a state that a power failure may leave, as the rule says but for what is given. Nobody
   * may use the mount: what its users hold in memory would be wrong.
   *
   * @returns what was lost; `undefined` where no rule has anything kept
   */
  cutPower(given: Partial<PowerLoss> = {}): PowerCut | undefined {
    const { powerLoss } = this.#rules;
    const { unsynced } = this.volume;
    if (!powerLoss || !unsynced) return undefined;
    const { lose, seed = randomInt(2 ** 32) } = { ...powerLoss, ...given };
    this.#rules.countCut();
    return cutPower(unsynced, this.volume, { lose, metadata: powerLoss.metadata, seed });
  }

  /** Whether requests that open files or change names are carried out; else they wait, for half a minute at most. */
  admit(admitted: boolean): void {
    this.volume.closedUntil = admitted ? 0 : performance.now() + 30_000;
  }

  /** From now on the originals of these files are mounted over their names: see {@link BareFiles}. */
  leaveBare(files: readonly Inode[], ways: readonly Inode[]): void {
    this.volume.bare.add(files, ways);
  }

  /** How many open files bypass rules that could match them: they were opened when there were no such rules. */
  get bypassed(): number {
    let count = 0;
    for (const file of this.volume.files.all()) if (bypassesRules(this.volume, file)) count++;
    return count;
  }

  /**
   * After very many files have been forgotten, memory goes back to the system; the engine alone would wait for more.
   */
  #tidy(): void {
    const { dropped } = this.volume.table;
    if (dropped - this.#droppedAtTidy < MANY) return;
    this.#droppedAtTidy = dropped;
    this.volume.table.shrink();
    collectGarbage();
  }

  close(): void {
    this.session.close();
    this.volume.close();
    this.#channel.close();
  }
}
