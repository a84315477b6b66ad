import type { Agreement, Request } from '@ordeal/fuse';
import {
  call1,
  call2,
  call3,
  call4,
  call5,
  ERRNO,
  IoUring,
  LITTLE_ENDIAN,
  SYS,
  SyscallError,
} from '@ordeal/linux';
import { AppendRecorder } from './append-record.js';
import { CallerIdentity } from './backing/caller-identity.js';
import { AT, O, S, STATX_BASIC } from './backing/file-flags.js';
import { PathDescriptors } from './backing/path-descriptors.js';
import { Scratch } from './backing/scratch.js';
import { BareFiles } from './bare-files.js';
import { ChangeRecorder } from './change-record.js';
import { LockWaiters } from './locks/lock-waiters.js';
import { LastLookups } from './nodes/last-lookups.js';
import type { Link, Node } from './nodes/node.js';
import { NodeTable } from './nodes/node-table.js';
import { HelperOffload } from './offload/helper-offload.js';
import type { HelperThreads } from './offload/helper-threads.js';
import type { Offload } from './offload/offload.js';
import { RING_SLOTS, RingOffload } from './offload/ring-offload.js';
import { StorageLatency } from './offload/storage-latency.js';
import { OpenFiles } from './open-files.js';
import { type KeptUnsynced, UnsyncedLog } from './power-loss/unsynced-log.js';

/** How the data of a file reaches the client. */
export type DataPath =
  /** Every read and write is a request, the page cache is bypassed: rules see each of them. */
  | 'direct'
  /** Through the kernel's page cache, dropped at each open. */
  | 'cached'
  /** Bypasses the server (Linux 6.9); page-cached if that is not available. */
  | 'passthrough';

/**
 * What to expect of the backing file system: `memory` never waits, `local` waits for a disk and has
 * nothing to say when a file is closed, `other` (NFS, overlayfs, FUSE …) may do anything.
 */
export type BackingKind = 'memory' | 'local' | 'other';

/** Magic numbers: include/uapi/linux/magic.h; XFS has its own in fs/xfs/libxfs/xfs_format.h. */
const kinds: ReadonlyMap<number, BackingKind> = new Map([
  [0x01021994, 'memory'], // tmpfs
  [0x858458f6, 'memory'], // ramfs
  [0xef53, 'local'], // ext2, ext3, ext4
  [0x58465342, 'local'], // xfs
  [0x9123683e, 'local'], // btrfs
  [0xf2f52010, 'local'], // f2fs
]);

/** What the rules need from the file system. */
export interface VolumePolicy {
  /** How a file is to be opened; asked at each open. */
  dataPath(link: Link | undefined): DataPath;
  /** May change a struct fuse_attr at `at` before the kernel sees it. @returns whether it did */
  overrideAttr(link: Link | undefined, view: DataView, at: number): boolean;
  /** Whether a rule can match a request for attributes, or change them. */
  meetsAttributes(link: Link | undefined): boolean;
  /** Whether a rule can match the close of a file. */
  meetsFlush(link: Link | undefined): boolean;
  /** Whether what was there before a change of this file has to be kept until it is synced. */
  keepsUnsynced(link: Link | undefined): boolean;
  /** Whether copying between these two inside the backing file system would bypass a fault. */
  mustCopyByHand(from: Link | undefined, to: Link | undefined): boolean;
}

export interface VolumeOptions {
  /** The root of the original tree, a directory or a single file; O_PATH will do. The caller owns it. */
  readonly root: number;
  /** The serving thread's descriptor of `/dev/fuse`, for backing ids. */
  readonly device: number;
  /** How long the kernel may cache attributes and entries, in seconds; 0 where rules or others change them. */
  readonly attributeTimeoutSeconds: number;
  /** How many O_PATH descriptors may be held at a time. */
  readonly maxPathDescriptors: number;
  /** How many descriptors of all kinds the process may have. */
  readonly maxDescriptors: number;
  /** How many files and directories clients may have open. */
  readonly maxOpenFiles: number;
  readonly policy: VolumePolicy;
  /** Whether calls that may take long go to an io_uring, where this kernel and a `local` file system allow it. */
  readonly ring: boolean;
  /** Makes threads for them where they do not; 0 for none. */
  readonly helpers: () => HelperThreads;
  /** The largest payload of a read or write. */
  readonly maxWrite: number;
}

/**
 * Everything that the operations share: the nodes, the descriptors, the identity and memory of the serving thread.
 * Belongs to that thread: made, used and closed on it.
 */
export class Volume {
  readonly options: VolumeOptions;
  readonly policy: VolumePolicy;
  readonly scratch = new Scratch();
  readonly identity: CallerIdentity;
  readonly table: NodeTable;
  readonly descriptors: PathDescriptors;
  readonly files: OpenFiles;
  readonly lockWaiters = new LockWaiters();
  readonly appends = new AppendRecorder();
  readonly bare = new BareFiles();
  readonly changes = new ChangeRecorder(this.scratch);
  readonly lastLookups = new LastLookups();
  /** O_PATH of /proc/self/fd: the way from an O_PATH descriptor to a real one, whatever is mounted where. */
  readonly proc: number;
  readonly #mount: number;
  agreement: Agreement | undefined;
  /** For calls that may take long, if they may be given away now: not while a fault still has to change their result. */
  offload: Offload | undefined;
  /** How long the storage makes the serving thread wait. */
  readonly latency = new StorageLatency();
  /** Until then, on the clock of `performance.now()`, nothing is opened and no name changes. */
  closedUntil = 0;
  /** What a power failure could take away, while a rule has it kept. */
  unsynced: UnsyncedLog | undefined;
  /** Whether the backing file system can tell that a read would wait (RWF_NOWAIT). */
  knowsNowait = true;
  readonly #offload: HelperOffload | RingOffload | undefined;
  readonly backing: BackingKind;

  /** @throws SyscallError */
  constructor(options: VolumeOptions) {
    this.options = options;
    this.policy = options.policy;
    this.files = new OpenFiles(options.maxOpenFiles);
    this.identity = new CallerIdentity(this.scratch);
    const path = this.scratch.procPath(0);
    // The same memory without the number: `/proc/self/fd/`.
    this.scratch.bytes[path - this.scratch.memory.address + 14] = 0;
    this.proc = must(
      'open(/proc/self/fd)',
      call4(SYS.openat, AT.FDCWD, path, O.PATH | O.DIRECTORY | O.CLOEXEC, 0),
    );
    must('statx(root)', this.statxFd(options.root));
    const { type, device, ino } = this.statxIdentity();
    const root = call4(SYS.openat, this.proc, this.scratch.digits(options.root), O.PATH | O.CLOEXEC, 0);
    this.#mount = must('open(root)', this.#reopenFd(root, O.RDONLY | O.NONBLOCK));
    this.descriptors = new PathDescriptors(
      this.scratch,
      this.#mount,
      device,
      options.maxPathDescriptors,
      options.maxDescriptors,
    );
    this.table = new NodeTable(device, ino, type, (node) => this.#drop(node));
    this.table.root.pinned = true;
    this.descriptors.adopt(this.table.root, root);
    this.backing = this.#kindOf(root);
    this.#offload = this.#openOffload();
    this.mayGiveAway(true);
  }

  /** Whether operations may leave their answer to others. */
  mayGiveAway(allowed: boolean): void {
    this.offload = allowed ? this.#offload : undefined;
  }

  /**
   * From now on, or no longer, what a power failure could take away is kept: what was not synced before counts as
   * durable.
   *
   * @param memory for old data, in bytes
   */
  keepUnsynced(kept: KeptUnsynced | undefined, memory?: number): void {
    if (this.unsynced?.kept === kept) return;
    this.unsynced?.close();
    this.unsynced = kept && new UnsyncedLog(this, kept, memory);
  }

  /** The ring, if there is one: its descriptor is readable when calls have ended. */
  get ring(): RingOffload | undefined {
    return this.#offload instanceof RingOffload ? this.#offload : undefined;
  }

  /** How many helpers have started. */
  get helpers(): number {
    return this.#offload instanceof HelperOffload ? this.#offload.started : 0;
  }

  get root(): Node {
    return this.table.root;
  }

  /** The node of a request. @returns `undefined` if the kernel's node id is not known, which is ESTALE */
  nodeOf(request: Request): Node | undefined {
    return this.table.get(request.nodeid);
  }

  /** statx of a descriptor into the scratch memory. @returns 0 or `-errno` */
  statxFd(fd: number, mask: number = STATX_BASIC): number {
    return call5(SYS.statx, fd, this.scratch.empty, AT.EMPTY_PATH, mask, this.scratch.statx);
  }

  /** What the last statx found. */
  statxIdentity(): { type: number; device: number; ino: number | bigint } {
    const { view, statxAt: at } = this.scratch;
    const high = view.getUint32(at + 36, LITTLE_ENDIAN);
    const low = view.getUint32(at + 32, LITTLE_ENDIAN);
    return {
      type: view.getUint16(at + 28, LITTLE_ENDIAN) & S.IFMT,
      device: view.getUint32(at + 136, LITTLE_ENDIAN) * 2 ** 32 + view.getUint32(at + 140, LITTLE_ENDIAN),
      ino: high < 0x200000 ? high * 2 ** 32 + low : view.getBigUint64(at + 32, LITTLE_ENDIAN),
    };
  }

  /** Opens a node for real. Never for anything but files and directories. @returns a descriptor or `-errno` */
  reopen(node: Node, flags: number): number {
    const fd = this.descriptors.of(node);
    return fd < 0 ? fd : this.#reopenFd(fd, flags);
  }

  /** An O_PATH descriptor of the file that `fd` is open on, whatever its name leads to now. @returns it or `-errno` */
  pathOf(fd: number): number {
    // Without OPEN_TREE_CLONE, and with O_CLOEXEC as OPEN_TREE_CLOEXEC: include/uapi/linux/mount.h
    return call3(SYS.open_tree, fd, this.scratch.empty, AT.EMPTY_PATH | O.CLOEXEC);
  }

  close(): void {
    this.#offload?.close();
    this.unsynced?.close();
    this.identity.resume();
    this.files.close();
    for (const node of this.table) for (const owner of node.lockOwners?.values() ?? []) owner.close();
    this.descriptors.close();
    call1(SYS.close, this.#mount);
    call1(SYS.close, this.proc);
    this.appends.close();
    this.changes.close();
    this.scratch.close();
  }

  /** Elsewhere a call may wait in the thread that begins it, or be interrupted by the end of another. */
  #openOffload(): HelperOffload | RingOffload | undefined {
    const { device, maxWrite } = this.options;
    const ring = this.options.ring && this.backing === 'local' ? IoUring.open(RING_SLOTS) : undefined;
    if (ring) return new RingOffload(ring, device, maxWrite, this.identity);
    const helpers = this.options.helpers();
    return helpers.most > 0 ? new HelperOffload(device, helpers, maxWrite, this.identity) : undefined;
  }

  #reopenFd(fd: number, flags: number): number {
    return call4(SYS.openat, this.proc, this.scratch.digits(fd), flags | O.CLOEXEC, 0);
  }

  #drop(node: Node): void {
    for (const owner of node.lockOwners?.values() ?? []) owner.close();
    this.descriptors.drop(node);
  }

  #kindOf(fd: number): BackingKind {
    const { view, statfs, statfsAt } = this.scratch;
    if (call2(SYS.fstatfs, fd, statfs) < 0) return 'other';
    return kinds.get(view.getUint32(statfsAt, LITTLE_ENDIAN)) ?? 'other';
  }
}

function must(what: string, result: number): number {
  if (result < 0) throw new SyscallError(what, -result);
  return result;
}

/** The result of an open when clients have as many files open as allowed. */
export const FULL = -ERRNO.ENFILE;

/** ESTALE: what an operation answers for a node that is not known. */
export const STALE = -ERRNO.ESTALE;
