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
import type { DamageMemory, ReadFile } from './rules/damage-memory.js';
import type { Volume } from './volume.js';

/** Tells memories what a request is about to overwrite or cut off. */
export function tellMemories(memories: readonly DamageMemory[], volume: Volume, request: Request): void {
  if (request.opcode === OPCODE.WRITE) {
    tellWrite(memories, volume, request);
    return;
  }
  const size = sizeAfter(request);
  const node = size === undefined ? undefined : volume.nodeOf(request);
  if (size === undefined || !node) return;
  for (const each of memories) each.cutOff(fileKey(node), size);
}

function tellWrite(memories: readonly DamageMemory[], volume: Volume, request: Request): void {
  const { fh, offset, size, flags } = readWrite(request);
  const file = volume.files.get(fh);
  if (!file) return;
  const from = (flags & O.APPEND) === 0 ? Number(offset) : sizeOf(volume, file.fd);
  withReader(volume, file.fd, (read) => {
    for (const each of memories) each.overwriting(fileKey(file.node), from, from + size, read);
  });
}

/** Shows the damage again that earlier reads have seen. */
export function showDamage(
  memories: readonly DamageMemory[],
  volume: Volume,
  request: Request,
  reply: Reply,
  length: Handling,
): void {
  const { fh, offset } = readRead(request);
  const file = volume.files.get(fh);
  if (!file) return;
  for (const each of memories) each.show(fileKey(file.node), Number(offset), reply.bytes.subarray(0, length));
}

/** Damages pieces of what was read by what a memory has, or so that it remembers. */
export function damageBy(
  memory: DamageMemory,
  volume: Volume,
  request: Request,
  flip: (piece: Uint8Array) => void,
): (piece: Uint8Array, start: number) => number {
  return (piece, start) => {
    const { fh, offset } = readRead(request);
    const file = volume.files.get(fh);
    return file ? memory.damage(fileKey(file.node), Number(offset) + start, piece, flip) : 0;
  };
}

/** The file is opened when it is first read: its own descriptor may not read, and direct I/O would ask for alignment. */
function withReader({ identity }: Volume, fd: number, body: (read: ReadFile) => void): void {
  let reader: number | undefined;
  const open = () => {
    identity.resume();
    return openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY);
  };
  try {
    body((offset, bytes) => {
      reader ??= open();
      return readSync(reader, bytes, 0, bytes.length, offset);
    });
  } finally {
    if (reader !== undefined) closeSync(reader);
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
