import {
  FATTR,
  type Handling,
  OPCODE,
  OPCODE_LIMIT,
  type Request,
  readCopyFileRange,
  readCreate,
  readFallocate,
  readFsync,
  readLink,
  readMkdir,
  readMknod,
  readOpen,
  readRename,
  readRename2,
  readSetattr,
  readWrite,
} from '@ordeal/fuse';
import { O, RENAME } from '../backing/file-flags.js';
import { nameKey } from '../nodes/name-key.js';
import type { Link, Node } from '../nodes/node.js';
import { entryPath } from '../nodes/path.js';
import type { Volume } from '../volume.js';
import type { HeldInode } from './held-inode.js';
import type { EntryChange, EntryOperation } from './unsynced-entries.js';
import type { Range } from './unsynced-file.js';
import type { UnsyncedLog } from './unsynced-log.js';

/** include/uapi/linux/falloc.h */
const FALLOC = { PUNCH_HOLE: 2, COLLAPSE_RANGE: 8, ZERO_RANGE: 0x10, INSERT_RANGE: 0x20 } as const;
const NOTHING = { from: 0, to: 0 };

/** Looks at a request before it is carried out. @returns what to call afterwards, with a result that is no error */
type Observer = (log: UnsyncedLog, volume: Volume, request: Request) => (() => void) | undefined;

/** Carries a request out, and keeps what a power failure could take away of it. */
export function observed(
  log: UnsyncedLog,
  volume: Volume,
  request: Request,
  carryOut: () => Handling,
): Handling {
  const observe = observers[request.opcode] ?? (log.keepsNames ? ofNames[request.opcode] : undefined);
  if (!observe) return carryOut();
  let after: (() => void) | undefined;
  // What cannot be kept counts as durable: the program must not notice.
  const orWriteBack = (action: () => void) => {
    try {
      action();
    } catch {
      log.writeBack();
    }
  };
  orWriteBack(() => {
    after = observe(log, volume, request);
  });
  // What is durable afterwards depends on the result.
  volume.mayGiveAway(false);
  const handling = carryOut();
  volume.mayGiveAway(true);
  if (after && handling >= 0) orWriteBack(after);
  else if (after) log.releaseUnused();
  return handling;
}

/** Bytes of a file are about to change, if it matters to anyone. */
function changing(
  log: UnsyncedLog,
  { policy }: Volume,
  { node, link }: { readonly node: Node; readonly link: Link | undefined },
  rangeOf: (size: number) => Range,
): (() => void) | undefined {
  return policy.keepsUnsynced(link) ? log.changing(node, rangeOf) : undefined;
}

const write: Observer = (log, volume, request) => {
  const { fh, offset, size, flags } = readWrite(request);
  const file = volume.files.get(fh);
  if (!file) return undefined;
  const durably = ((flags | file.flags) & O.DSYNC) !== 0;
  let range = NOTHING;
  const written = changing(log, volume, file, (end) => {
    // Others may append, too: at the end as it is.
    const from = (flags & O.APPEND) !== 0 ? end : Number(offset);
    range = { from, to: from + size };
    return range;
  });
  if (!written) return undefined;
  return () => {
    written();
    if (durably) log.settleRange(file.node, range);
  };
};

const fsync: Observer = (log, volume, request) => {
  const file = volume.files.get(readFsync(request).fh);
  return file && (() => log.settle(file.node, request.opcode === OPCODE.FSYNCDIR));
};

const fallocate: Observer = (log, volume, request) => {
  const { fh, offset, length, mode } = readFallocate(request);
  const file = volume.files.get(fh);
  if (!file) return undefined;
  const from = Number(offset);
  return changing(log, volume, file, (size) => {
    if ((mode & (FALLOC.COLLAPSE_RANGE | FALLOC.INSERT_RANGE)) !== 0) return { from, to: size };
    return (mode & (FALLOC.PUNCH_HOLE | FALLOC.ZERO_RANGE)) !== 0
      ? { from, to: from + Number(length) }
      : NOTHING;
  });
};

const copyFileRange: Observer = (log, volume, request) => {
  const { fhOut, offsetOut, length } = readCopyFileRange(request);
  const file = volume.files.get(fhOut);
  if (!file) return undefined;
  const from = Number(offsetOut);
  return changing(log, volume, file, () => ({ from, to: from + length }));
};

const setattr: Observer = (log, volume, request) => {
  const { valid, size: wanted } = readSetattr(request);
  const node = volume.nodeOf(request);
  if (!node || (valid & FATTR.SIZE) === 0) return undefined;
  const named = { node, link: node.current };
  return changing(log, volume, named, (size) => ({ from: Math.min(Number(wanted), size), to: size }));
};

const open: Observer = (log, volume, request) => {
  const node = volume.nodeOf(request);
  if (!node || (readOpen(request).flags & O.TRUNC) === 0) return undefined;
  return changing(log, volume, { node, link: node.current }, (size) => ({ from: 0, to: size }));
};

/** @param nameAt where the name of the new entry is in the request */
function creation(nameAtOf: (request: Request) => number): Observer {
  return (log, volume, request) => {
    const parent = volume.nodeOf(request);
    if (!parent) return undefined;
    const nameAt = nameAtOf(request);
    const name = nameKey(request, nameAt, request.nameLength(nameAt));
    // A name that appeared meanwhile was not made by this call.
    if (parent.children?.has(name)) return undefined;
    return () => {
      const made = parent.children?.get(name)?.node;
      if (!made) return;
      log.renamed(changesOf(log, { kind: 'create' }, [{ parent, name, before: undefined, after: made }]));
    };
  };
}

const create: Observer = (log, volume, request) => {
  const { flags, nameAt } = readCreate(request);
  const name = nameKey(request, nameAt, request.nameLength(nameAt));
  const link = volume.nodeOf(request)?.children?.get(name);
  if (!link) return log.keepsNames ? creation(() => nameAt)(log, volume, request) : undefined;
  const known = { node: link.node, link };
  return (flags & O.TRUNC) === 0
    ? undefined
    : changing(log, volume, known, (size) => ({ from: 0, to: size }));
};

const remove: Observer = (log, volume, request) => {
  const parent = volume.nodeOf(request);
  const name = nameKey(request, 40, request.nameLength(40));
  const node = parent?.children?.get(name)?.node;
  if (!parent || !node) return undefined;
  // Held before it is gone.
  const changes = changesOf(log, { kind: 'remove' }, [{ parent, name, before: node, after: undefined }]);
  return () => log.renamed(changes);
};

function rename(read: (request: Request) => ReturnType<typeof readRename2>): Observer {
  return (log, volume, request) => {
    const { newDir, flags, nameAt } = read(request);
    const from = volume.nodeOf(request);
    const to = volume.table.get(newDir);
    const length = request.nameLength(nameAt);
    const newAt = nameAt + length + 1;
    const name = nameKey(request, nameAt, length);
    const newName = nameKey(request, newAt, request.nameLength(newAt));
    const moved = from?.children?.get(name)?.node;
    const victim = to?.children?.get(newName)?.node;
    if (!from || !to || !moved || (flags & RENAME.WHITEOUT) !== 0) return () => log.writeBack();
    const exchange = (flags & RENAME.EXCHANGE) !== 0;
    // Two names of one inode: rename(2) does nothing.
    if (moved === victim && !exchange) return undefined;
    const changes = changesOf(log, { kind: exchange ? 'exchange' : 'rename' }, [
      { parent: from, name, before: moved, after: exchange ? victim : undefined },
      { parent: to, name: newName, before: victim, after: moved },
    ]);
    const path = entryPath('', to, newName);
    return () => {
      log.hold(moved).path = path;
      log.renamed(changes);
    };
  };
}

const observers: (Observer | undefined)[] = new Array<Observer | undefined>(OPCODE_LIMIT).fill(undefined);
observers[OPCODE.WRITE] = write;
observers[OPCODE.FSYNC] = fsync;
observers[OPCODE.FSYNCDIR] = fsync;
observers[OPCODE.SYNCFS] = (log) => () => log.settleAll();
observers[OPCODE.FALLOCATE] = fallocate;
observers[OPCODE.COPY_FILE_RANGE] = copyFileRange;
observers[OPCODE.COPY_FILE_RANGE_64] = copyFileRange;
observers[OPCODE.SETATTR] = setattr;
observers[OPCODE.OPEN] = open;
observers[OPCODE.CREATE] = create;

const ofNames: (Observer | undefined)[] = new Array<Observer | undefined>(OPCODE_LIMIT).fill(undefined);
ofNames[OPCODE.MKNOD] = creation((request) => readMknod(request).nameAt);
ofNames[OPCODE.MKDIR] = creation((request) => readMkdir(request).nameAt);
ofNames[OPCODE.SYMLINK] = creation(() => 40);
ofNames[OPCODE.LINK] = creation((request) => readLink(request).nameAt);
ofNames[OPCODE.UNLINK] = remove;
ofNames[OPCODE.RMDIR] = remove;
ofNames[OPCODE.RENAME] = rename(readRename);
ofNames[OPCODE.RENAME2] = rename(readRename2);

interface NodeChange {
  readonly parent: Node;
  readonly name: string;
  readonly before: Node | undefined;
  readonly after: Node | undefined;
}

function changesOf(
  log: UnsyncedLog,
  operation: EntryOperation,
  changed: readonly NodeChange[],
): EntryChange<HeldInode>[] {
  return changed.map(({ parent, name, before, after }) => ({
    operation,
    directory: log.hold(parent),
    name,
    before: before && log.hold(before),
    after: after && log.hold(after),
  }));
}
