import { closeSync, constants, openSync, readSync } from 'node:fs';
import {
  FATTR,
  type Handling,
  OPCODE,
  type Reply,
  type Request,
  readOpen,
  readRead,
  readSetattr,
  readWrite,
  STATX,
} from '@ordeal/fuse';
import { O } from './backing/file-flags.js';
import type { Node } from './nodes/node.js';
import { StaleBlocks } from './rules/stale-blocks.js';
import { StickyDamage } from './rules/sticky-damage.js';
import type { Volume } from './volume.js';

/** What a rule remembers of files: what was there before a write, or the damage that reads have seen. */
export type DamageMemory = StaleBlocks | StickyDamage;

/** Tells memories what a request is about to overwrite or cut off. */
export function tellMemories(memories: readonly DamageMemory[], volume: Volume, request: Request): void {
  const { opcode } = request;
  if (opcode === OPCODE.WRITE) {
    const { fh, offset, size, flags } = readWrite(request);
    const file = volume.files.get(fh);
    if (!file) return;
    const from = (flags & O.APPEND) === 0 ? Number(offset) : sizeOf(volume, file.fd);
    for (const each of memories) {
      if (each instanceof StickyDamage) each.overwriting(fileKey(file.node), from, from + size);
      else keepOld(each, volume, file, from, from + size);
    }
    return;
  }
  const size = sizeAfter(request);
  const node = size === undefined ? undefined : volume.nodeOf(request);
  if (size === undefined || !node) return;
  for (const each of memories) {
    if (each instanceof StickyDamage) each.overwriting(fileKey(node), size, Number.POSITIVE_INFINITY);
    else each.cutOff(fileKey(node), size);
  }
}

/** Shows the damage again that earlier reads have seen. */
export function showSticky(
  memories: readonly DamageMemory[],
  volume: Volume,
  request: Request,
  reply: Reply,
  length: Handling,
): void {
  const { fh, offset } = readRead(request);
  const file = volume.files.get(fh);
  for (const each of memories) {
    if (each instanceof StickyDamage && file)
      each.apply(fileKey(file.node), Number(offset), reply.bytes.subarray(0, length));
  }
}

/** Damages a piece of what was read by what a memory has, or so that it remembers. @returns how many bytes */
export function damageBy(
  memory: DamageMemory,
  volume: Volume,
  request: Request,
  flip: (piece: Uint8Array) => void,
): (piece: Uint8Array, start: number) => number {
  return (piece, start) => {
    const { fh, offset } = readRead(request);
    const file = volume.files.get(fh);
    if (!file) return 0;
    const place = Number(offset) + start;
    if (memory instanceof StaleBlocks) return memory.copy(fileKey(file.node), place, piece);
    flip(piece);
    memory.add(fileKey(file.node), place, piece);
    return piece.length;
  };
}

function keepOld(
  memory: StaleBlocks,
  { identity }: Volume,
  { fd, node }: { readonly fd: number; readonly node: Node },
  from: number,
  to: number,
): void {
  identity.resume();
  // Opened anew: its own descriptor may not read, and direct I/O would ask for alignment.
  const reader = openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY);
  try {
    memory.overwriting(fileKey(node), from, to, (offset, bytes) =>
      readSync(reader, bytes, 0, bytes.length, offset),
    );
  } finally {
    closeSync(reader);
  }
}

/** What a request cuts a file off at. */
function sizeAfter(request: Request): number | undefined {
  if (request.opcode === OPCODE.OPEN) return (readOpen(request).flags & O.TRUNC) === 0 ? undefined : 0;
  if (request.opcode !== OPCODE.SETATTR) return undefined;
  const { valid, size } = readSetattr(request);
  return (valid & FATTR.SIZE) === 0 ? undefined : Number(size);
}

function sizeOf(volume: Volume, fd: number): number {
  volume.statxFd(fd);
  return volume.scratch.u64(volume.scratch.statxAt + STATX.size);
}

function fileKey({ device, ino }: Node): string {
  return `${device}:${ino}`;
}
