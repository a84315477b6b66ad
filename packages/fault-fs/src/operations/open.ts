import {
  closeBacking,
  ENTRY_OUT,
  FOPEN,
  type Handling,
  INIT,
  INIT2,
  LATER,
  OPEN_OUT,
  openBacking,
  type Parking,
  type Reply,
  type Request,
  readCreate,
  readFlush,
  readOpen,
  readRelease,
  STATX,
} from '@ordeal/fuse';
import { call1, call4, ERRNO, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { O, S } from '../backing/file-flags.js';
import { nameKey } from '../nodes/name-key.js';
import { Link, type Node } from '../nodes/node.js';
import type { OpenFile } from '../open-files.js';
import { FULL, STALE, type Volume } from '../volume.js';
import { asCreator } from './creation.js';
import { adoptNode, writeEntry, writeNodeEntry } from './entries.js';
import { dropLocksOf, dropLocksThrough } from './locks.js';
import type { Operation } from './operation.js';

/** Appending is decided write by write, and a link in /proc/self/fd has to be followed. */
const NOT_FOR_US = O.APPEND | O.NOFOLLOW | O.CREAT | O.EXCL | O.NOCTTY;
/** S_ISUID and S_ISGID. */
const SET_ID = 0o6000;
/** Pause before an open that another process's lease blocks is tried again, in milliseconds. */
const LEASE_PAUSE = 10;

export const open: Operation = (volume, request, reply, parking) => openNow(volume, request, reply, parking);

function openNow(volume: Volume, request: Request, reply: Reply, parking: Parking): Handling {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  if (volume.files.full) return FULL;
  const { flags, openFlags } = readOpen(request);
  const work = (openFlags & 1) !== 0 ? 'change and drop set-id' : 'change and keep set-id';
  if ((flags & O.TRUNC) !== 0) volume.identity.assume(request.uid, request.gid, request.pid, work);
  // A lease would make the open wait, and with it everybody else.
  let own = (flags & ~NOT_FOR_US) | O.NONBLOCK;
  let fd = volume.reopen(node, own);
  if (fd === -ERRNO.EPERM && (flags & O.APPEND) !== 0) {
    // A file that can only be appended to.
    own |= O.APPEND;
    fd = volume.reopen(node, own);
  }
  if (fd === -ERRNO.EAGAIN && (flags & O.NONBLOCK) === 0) {
    parking.park(request, LEASE_PAUSE, (again, later, occasion) =>
      occasion === 'signal' ? -ERRNO.EINTR : openNow(volume, again, later, parking),
    );
    return LATER;
  }
  if (fd < 0) return fd;
  return writeOpen(volume, request, node, node.current, fd, own, reply, 0);
}

export const create: Operation = (volume, request, reply) => {
  const parent = volume.nodeOf(request);
  if (!parent) return STALE;
  if (volume.files.full) return FULL;
  const { flags, mode, umask, openFlags, nameAt } = readCreate(request);
  const length = request.nameLength(nameAt);
  const name = request.addressOf(nameAt, length + 1);
  const key = nameKey(request, nameAt, length);
  const own = (flags & ~(O.APPEND | O.NOCTTY)) | O.NONBLOCK;
  const fd = asCreator(volume, request, parent, umask, (dir) => {
    if ((openFlags & 1) !== 0) {
      volume.identity.assume(request.uid, request.gid, request.pid, 'change and drop set-id');
    }
    if ((flags & O.EXCL) !== 0) {
      const entry = { directory: dir, at: nameAt, length };
      volume.changes.begin(request, 'make', entry, entry, volume.lastLookups.take(parent, key));
    }
    return call4(SYS.openat, dir, name, own | O.CREAT | O.NOFOLLOW | O.CLOEXEC, mode);
  });
  if (fd < 0) return fd;
  if ((flags & O.EXCL) !== 0) volume.changes.done();
  const node = nodeOfOpened(volume, fd);
  if (typeof node === 'number') return node;
  const link = volume.table.link(parent, key, node);
  writeEntry(volume, link, reply);
  return writeOpen(volume, request, link.node, link, fd, own & ~NOT_FOR_US, reply, ENTRY_OUT);
};

/**
 * The node of a file that was opened as `fd`, whose statx is left in the scratch memory.
 *
 * @returns it, or `-errno` with the descriptor closed
 */
function nodeOfOpened(volume: Volume, fd: number): Node | number {
  const path = volume.pathOf(fd);
  const failed = path < 0 ? path : volume.statxFd(fd);
  if (failed >= 0) return adoptNode(volume, path);
  call1(SYS.close, fd);
  if (path >= 0) call1(SYS.close, path);
  return failed;
}

export const tmpfile: Operation = (volume, request, reply) => {
  const parent = volume.nodeOf(request);
  if (!parent) return STALE;
  if (volume.files.full) return FULL;
  const { flags, mode, umask } = readCreate(request);
  const own = flags & ~(O.APPEND | O.NOCTTY | O.CREAT | O.NOFOLLOW | O.PATH);
  const fd = asCreator(volume, request, parent, umask, (dir) =>
    call4(SYS.openat, dir, volume.scratch.dot, own | O.TMPFILE | O.CLOEXEC, mode),
  );
  if (fd < 0) return fd;
  const node = nodeOfOpened(volume, fd);
  if (typeof node === 'number') return node;
  node.pinned = true;
  // It has no name, so it gets the one that the kernel shows in /proc for rules to see.
  node.current ??= new Link(node, parent, `#${node.ino}`);
  writeNodeEntry(volume, node, node.current, reply);
  return writeOpen(volume, request, node, node.current, fd, own & ~O.EXCL, reply, ENTRY_OUT);
};

/** Hands an open descriptor over: enters it and writes fuse_open_out at `at`. @returns the body's whole length */
function writeOpen(
  volume: Volume,
  request: Request,
  node: Node,
  link: Link | undefined,
  fd: number,
  flags: number,
  reply: Reply,
  at: number,
): number {
  const opening = chooseOpening(volume, request, node, link) | flushFlag(volume, link, flags);
  const passthrough = (opening & FOPEN.PASSTHROUGH) !== 0;
  const handle = volume.files.add({ node, link, fd, flags, opening, position: 0, flocked: false });
  volume.descriptors.opened(fd);
  reply.u64(at, handle);
  reply.u32(at + 8, opening);
  reply.u32(at + 12, passthrough ? node.backingId : 0);
  return at + OPEN_OUT;
}

/**
 * Whether a close(2) means something to the server: a lock ends, the backing file system cares, or, for this `link`, a
 * rule meets it.
 */
function needsFlush(volume: Volume, link: Link | undefined): boolean {
  return volume.backing === 'other' || keepsLocks(volume) || volume.policy.meetsFlush(link);
}

function keepsLocks(volume: Volume): boolean {
  return ((volume.agreement?.flags ?? 0) & INIT.POSIX_LOCKS) !== 0;
}

/** Not for files that may be mapped for writing: the kernel writes them back before it tells the server. */
function flushFlag(volume: Volume, link: Link | undefined, flags: number): number {
  return (flags & O.ACCMODE) === O.RDWR || needsFlush(volume, link) ? 0 : FOPEN.NOFLUSH;
}

/**
 * The kernel knows one way at a time (fs/fuse/iomode.c): while an inode is open with passthrough, every further open must
 * name the same backing, and while it may be cached or mapped, none may. So the first open decides until the last close.
 */
function chooseOpening(volume: Volume, request: Request, node: Node, link: Link | undefined): number {
  const wanted = volume.policy.dataPath(link);
  const direct = FOPEN.DIRECT_IO | FOPEN.PARALLEL_DIRECT_WRITES;
  if (node.passthroughOpens > 0) return FOPEN.PASSTHROUGH | (wanted === 'passthrough' ? 0 : direct);
  if (wanted === 'direct') return direct;
  if (wanted === 'cached' || node.opens > 0 || node.type !== S.IFREG) return 0;
  if (((volume.agreement?.flags2 ?? 0) & INIT2.PASSTHROUGH) === 0) return 0;
  // Passed through, everybody writes with the same credentials, and set-id bits might stay.
  if (hasSetId(volume, node)) return direct;
  return registerBacking(volume, request, node) ? FOPEN.PASSTHROUGH : 0;
}

/** Whether the rules of now want to meet what the kernel does not ask of a file as it was opened. */
export function bypassesRules({ policy }: Volume, { node, link, opening }: OpenFile): boolean {
  if (node.type !== S.IFREG) return false;
  const unseenData = (opening & FOPEN.DIRECT_IO) === 0 && policy.dataPath(link) === 'direct';
  return unseenData || ((opening & FOPEN.NOFLUSH) !== 0 && policy.meetsFlush(link));
}

/**
 * A descriptor of its own, because the kernel keeps the open file that it is given: locks that a client takes on one of
 * its own must not live as long. The kernel uses the credentials of now, the opener's, for all that passes through.
 */
function registerBacking(volume: Volume, request: Request, node: Node): boolean {
  volume.identity.assume(request.uid, request.gid, request.pid, 'change');
  const fd = volume.reopen(node, O.RDONLY | O.NONBLOCK);
  if (fd < 0) return false;
  const id = openBacking(volume.options.device, fd);
  call1(SYS.close, fd);
  if (id < 0) return false;
  node.backingId = id;
  return true;
}

function hasSetId(volume: Volume, node: Node): boolean {
  const { scratch } = volume;
  const failed = volume.statxFd(volume.descriptors.of(node)) < 0;
  return failed || (scratch.view.getUint16(scratch.statxAt + STATX.mode, LITTLE_ENDIAN) & SET_ID) !== 0;
}

/**
 * Sent at each close(2) of a descriptor: its owner's fcntl locks end. Never ENOSYS, after which the kernel would not ask
 * again: a rule may come that meets it.
 */
export const flush: Operation = (volume, request, _reply, parking) => {
  const { fh, lockOwner } = readFlush(request);
  const file = volume.files.get(fh);
  if (!file) return -ERRNO.EBADF;
  dropLocksOf(volume, file.node, lockOwner, parking);
  if (volume.backing !== 'other') return 0;
  const copy = call1(SYS.dup, file.fd);
  return copy < 0 ? copy : call1(SYS.close, copy);
};

export const release: Operation = (volume, request, _reply, parking) => {
  const { fh } = readRelease(request);
  const file = volume.files.get(fh);
  if (!file) return -ERRNO.EBADF;
  const { node } = file;
  if (node.fd < 0 && node.opens === 1) {
    // The node was reached by its open files, and this is the last.
    const path = volume.pathOf(file.fd);
    if (path >= 0) volume.descriptors.adopt(node, path);
  }
  volume.files.remove(fh);
  if ((file.opening & FOPEN.PASSTHROUGH) !== 0 && node.passthroughOpens === 0) {
    volume.identity.resume();
    closeBacking(volume.options.device, node.backingId);
    node.backingId = 0;
  }
  if (file.flocked || node.lockOwners) dropLocksThrough(volume, file, parking);
  volume.table.release(node);
  return 0;
};
