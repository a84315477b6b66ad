import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { type MappedMemory, mapShared, PageMemory, SYS, unmap } from '@ordeal/linux';
import { call, FDCWD, path } from '../conformance/calls.js';
import { attempt, type Observation } from '../conformance/case.js';
import { DIRECTORIES, type Operation, REACH, SLOTS } from './operation.js';
import type { SharedFiles } from './shared-files.js';

/** Page-aligned, as direct I/O wants it. */
const memory = new PageMemory(2 * REACH);

const BLOCK = 4096;
const whole = (value: number, grain: number) => value - (value % grain);

/** One of the two trees, with what a stream has open and mapped in it. */
export class Side {
  readonly #directory: string;
  readonly #shared: SharedFiles;
  readonly #open: number[] = Array(SLOTS).fill(-1);
  /** What sizes and places of writes are multiples of: a direct write that is refused may have done some of its work. */
  readonly #grain: number[] = Array(SLOTS).fill(1);
  readonly #maps: (MappedMemory | undefined)[] = Array(SLOTS).fill(undefined);

  /** @param directory an empty one of its own */
  constructor(directory: string, shared: SharedFiles) {
    this.#directory = directory;
    this.#shared = shared;
    for (const name of ['', ...DIRECTORIES]) fs.mkdirSync(this.#path(name));
  }

  perform(operation: Operation): Observation {
    return attempt(() => this.#perform(operation));
  }

  close(): void {
    for (let slot = 0; slot < SLOTS; slot++) this.#release(slot);
  }

  #perform(operation: Operation): unknown {
    switch (operation.kind) {
      case 'open':
        this.#take(operation.slot, call(SYS.openat, FDCWD, this.#at(operation.name), operation.flags, 0o644));
        this.#grain[operation.slot] = (operation.flags & fs.constants.O_DIRECT) !== 0 ? BLOCK : 1;
        return undefined;
      case 'temporary':
        // O_TMPFILE | O_RDWR
        return this.#take(
          operation.slot,
          call(SYS.openat, FDCWD, this.#at(operation.name), 0o20200002, 0o600),
        );
      case 'close':
        return this.#release(operation.slot);
      case 'unmap':
        return this.#unmap(operation.slot);
      case 'sync':
        return call(SYS.fsync, this.#fd(operation));
      case 'stat': {
        const { mode, size, nlink } = fs.fstatSync(this.#fd(operation));
        return [mode, size, nlink];
      }
      case 'map':
        this.#unmap(operation.slot);
        this.#maps[operation.slot] = mapShared(this.#fd(operation), 2 * REACH, 0, true);
        return undefined;
      case 'msync': {
        const map = this.#maps[operation.slot];
        // MS_SYNC
        return map && call(SYS.msync, Number(map.address), map.length, 4);
      }
      case 'truncate':
        return call(SYS.ftruncate, this.#fd(operation), operation.size);
      case 'write':
        return this.#write(operation, operation.at);
      case 'append':
        return this.#write(operation, fs.fstatSync(this.#fd(operation)).size);
      case 'read': {
        const count = call(SYS.pread64, this.#fd(operation), memory.address, operation.size, operation.at);
        return `${count} ${digest(memory.bytes.subarray(0, count))}`;
      }
      case 'poke':
        return this.#reachable(operation)?.forEach((_, index, bytes) => {
          bytes[index] = operation.fill + index;
        });
      case 'peek': {
        const bytes = this.#reachable(operation);
        return bytes && digest(bytes);
      }
      case 'allocate':
        return call(SYS.fallocate, this.#fd(operation), operation.mode, operation.at, operation.size);
      case 'copy': {
        const grain = this.#grain[operation.to] ?? 1;
        const at = whole(operation.toAt, grain);
        const offsets = new BigInt64Array([BigInt(operation.at), BigInt(at)]);
        const [from, to] = [new Uint8Array(offsets.buffer, 0, 8), new Uint8Array(offsets.buffer, 8)];
        const target = this.#open[operation.to] ?? -1;
        const size = whole(operation.size, grain);
        return call(SYS.copy_file_range, this.#fd(operation), from, target, to, size, 0);
      }
      case 'rename':
        return call(
          SYS.renameat2,
          FDCWD,
          this.#at(operation.name),
          FDCWD,
          this.#at(operation.to),
          operation.flags,
        );
      case 'link':
        return fs.linkSync(this.#path(operation.name), this.#path(operation.to));
      case 'symlink':
        return fs.symlinkSync(operation.name, this.#path(operation.to));
      case 'unlink':
        return fs.unlinkSync(this.#path(operation.name));
      case 'mkdir':
        return fs.mkdirSync(this.#path(operation.name));
      case 'rmdir':
        return fs.rmdirSync(this.#path(operation.name));
      case 'list':
        return fs.readdirSync(this.#path(operation.name)).sort();
      case 'look': {
        const stat = fs.lstatSync(this.#path(operation.name));
        return [stat.mode, stat.nlink, stat.isDirectory() ? 0 : stat.size];
      }
      case 'chmod':
        return fs.chmodSync(this.#path(operation.name), operation.value & 0o7777);
      case 'cut':
        return fs.truncateSync(this.#path(operation.name), operation.value);
      case 'label': {
        const value = Buffer.alloc(operation.value % 100, operation.value);
        return call(SYS.setxattr, this.#at(operation.name), path('user.label'), value, value.length, 0);
      }
      case 'shared':
        fill(operation);
        return this.#shared.exchange(memory.bytes.subarray(0, operation.size), operation.at);
      case 'count':
        return this.#shared.count();
      case 'log':
        return this.#shared.log(operation.size);
    }
  }

  #write(operation: { slot: number; at: number; size: number; fill: number }, at: number): number {
    const grain = this.#grain[operation.slot] ?? 1;
    fill(operation);
    const size = whole(operation.size, grain);
    return call(SYS.pwrite64, this.#fd(operation), memory.address, size, whole(at, grain));
  }

  /** The part of a mapping that lies in the file; touching more would be SIGBUS. */
  #reachable({ slot, at, size }: { slot: number; at: number; size: number }): Uint8Array | undefined {
    const map = this.#maps[slot];
    if (!map) return undefined;
    const end = Math.min(fs.fstatSync(this.#fd({ slot })).size, map.length, at + size);
    return end > at ? new Uint8Array(map.buffer, at, end - at) : undefined;
  }

  #fd({ slot }: { slot: number }): number {
    return this.#open[slot] ?? -1;
  }

  #take(slot: number, fd: number): void {
    this.#release(slot);
    this.#open[slot] = fd;
    this.#grain[slot] = 1;
  }

  #release(slot: number): void {
    this.#unmap(slot);
    const fd = this.#fd({ slot });
    this.#open[slot] = -1;
    if (fd >= 0) call(SYS.close, fd);
  }

  #unmap(slot: number): void {
    const map = this.#maps[slot];
    this.#maps[slot] = undefined;
    if (map) unmap(map);
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`;
  }

  #at(name: string): Uint8Array {
    return path(this.#path(name));
  }
}

/** Bytes that differ from place to place, so that what lands elsewhere is noticed. */
function fill({ size, fill, at }: { size: number; fill: number; at: number }): void {
  for (let index = 0; index < size; index++) memory.bytes[index] = fill + (at + index) * 7;
}

function digest(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
