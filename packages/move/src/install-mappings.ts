import { constants } from 'node:fs';
import {
  errnoName,
  type Fd,
  openPath,
  pageSize,
  readMemory,
  SYS,
  type TableCall,
  trySyscall,
  writeMemory,
} from '@ordeal/linux';
import { adviceCalls } from './mapping-advice.js';
import { describeMapping, mapFile, type OldMapping, openMapped } from './mapping-survey.js';
import type { OldSide } from './old-side.js';
import { privatePages } from './private-pages.js';
import type { DescriptorChannel } from './remote-process.js';
import type { LeftBehind, OpenOnNewSide } from './sides.js';

// include/uapi/asm-generic/mman-common.h, include/uapi/linux/mman.h
const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_NORESERVE = 0x4000;
const MREMAP_MAYMOVE_FIXED = 3;
const WRITE_AND_WAIT = 7;
/** Mappings created at a time. */
const BATCH = 64;
const COPY_CHUNK = 1 << 20;

/** Where mappings come from and go to. */
export interface MappingContext {
  readonly oldSide: OldSide;
  readonly openOnNewSide: OpenOnNewSide;
  /** Whether the old side keeps written data back. */
  readonly writeBack: boolean;
}

interface Prepared {
  readonly mapping: OldMapping;
  readonly file: Fd;
}

/**
 * Replaces mappings of the old side with those of the new. Each is created elsewhere first and then moved over the
 * old one in a single call, so that a failure never leaves a hole.
 *
 * @returns what could not be moved
 * @throws ThreadGone, OrdealError ORD-752
 */
export function installMappings(
  pid: number,
  channel: DescriptorChannel,
  mappings: readonly OldMapping[],
  context: MappingContext,
): LeftBehind[] {
  const left: LeftBehind[] = [];
  for (let from = 0; from < mappings.length; from += BATCH) {
    const prepared: Prepared[] = [];
    try {
      for (const mapping of mappings.slice(from, from + BATCH)) {
        const file = openSuccessor(pid, mapping, context);
        if (typeof file === 'string') left.push({ what: describeMapping(mapping), reason: file });
        else prepared.push({ mapping, file });
      }
      if (prepared.length > 0) left.push(...installBatch(pid, channel, prepared));
    } finally {
      for (const { file } of prepared) file.close();
    }
  }
  return left;
}

/** The mapped file on the new side, which the caller closes, or why it cannot be opened. @throws SyscallError */
export function openSuccessor(pid: number, mapping: OldMapping, context: MappingContext): Fd | string {
  const opened = openMapped(pid, mapping);
  if (!opened) return 'is gone';
  try {
    if (mapping.shared && context.writeBack) writeBackMapped(pid, mapping);
    // A shared mapping that may become writable needs a file that is open for writing.
    const writable = mapping.shared && (mapping.writable || mapping.flags.has('mw'));
    return context.openOnNewSide({
      descriptor: opened.fd.number,
      name: context.oldSide.nameOf(opened.fd.number),
      identity: opened.identity,
      flags: writable ? constants.O_RDWR : constants.O_RDONLY,
    });
  } finally {
    opened.fd.close();
  }
}

/** Data written through the mapping must reach the file before it is read on the other side. */
function writeBackMapped(pid: number, mapping: OldMapping): void {
  const file = openPath(mapFile(pid, mapping), constants.O_RDONLY);
  trySyscall(SYS.sync_file_range, file.number, 0, 0, WRITE_AND_WAIT);
  file.close();
}

function installBatch(pid: number, channel: DescriptorChannel, prepared: readonly Prepared[]): LeftBehind[] {
  const given = channel.give(prepared.map(({ file }) => file.number));
  const addresses = channel.run(
    prepared.map(({ mapping }, index): TableCall => {
      const flags =
        (mapping.shared ? MAP_SHARED : MAP_PRIVATE) | (mapping.flags.has('nr') ? MAP_NORESERVE : 0);
      const args = [0, lengthOf(mapping), protection(mapping), flags, given[index] ?? -1, mapping.offset];
      return { number: SYS.mmap, args };
    }),
  );
  channel.run(given.map((number) => ({ number: SYS.close, args: [number] })));
  return prepared.flatMap(({ mapping }, index): LeftBehind[] => {
    const address = addresses[index] ?? -1;
    const refused = address < 0 ? -address : settleInPlace(pid, channel, mapping, BigInt(address));
    return refused === 0
      ? []
      : [
          {
            what: describeMapping(mapping),
            reason: `cannot be mapped on the new side (${errnoName(refused)})`,
          },
        ];
  });
}

/** @returns 0, or the errno of the refusal; the old mapping is then untouched */
function settleInPlace(
  pid: number,
  channel: DescriptorChannel,
  mapping: OldMapping,
  address: bigint,
): number {
  const length = lengthOf(mapping);
  const refused = mapping.shared ? 0 : copyPrivatePages(pid, channel, mapping, address);
  const [moved = -1] =
    refused === 0
      ? channel
          .run([
            ...adviceCalls(mapping.flags, address, length),
            { number: SYS.mremap, args: [address, length, length, MREMAP_MAYMOVE_FIXED, mapping.start] },
          ])
          .slice(-1)
      : [-refused];
  if (moved >= 0) return 0;
  channel.run([{ number: SYS.munmap, args: [address, length] }]);
  return -moved;
}

function copyPrivatePages(
  pid: number,
  channel: DescriptorChannel,
  mapping: OldMapping,
  address: bigint,
): number {
  const ranges = privatePages(pid, mapping.start, mapping.end, pageSize());
  if (ranges.length === 0) return 0;
  const length = lengthOf(mapping);
  const protect = (value: number) =>
    channel.run([{ number: SYS.mprotect, args: [address, length, value] }])[0] ?? -1;
  const opened = protect(PROT_READ | PROT_WRITE);
  if (opened < 0) return -opened;
  const unreadable = !mapping.readable;
  if (unreadable) protectOld(channel, mapping, PROT_READ);
  for (const range of ranges) {
    for (let done = 0; done < range.length; done += COPY_CHUNK) {
      const from = range.start + BigInt(done);
      const bytes = readMemory(pid, from, Math.min(COPY_CHUNK, range.length - done));
      writeMemory(pid, address + (from - mapping.start), bytes);
    }
  }
  if (unreadable) protectOld(channel, mapping, protection(mapping));
  const closed = protect(protection(mapping));
  return closed < 0 ? -closed : 0;
}

function protectOld(channel: DescriptorChannel, mapping: OldMapping, value: number): void {
  channel.run([{ number: SYS.mprotect, args: [mapping.start, lengthOf(mapping), value] }]);
}

function lengthOf(mapping: OldMapping): number {
  return Number(mapping.end - mapping.start);
}

function protection(mapping: OldMapping): number {
  return (
    (mapping.readable ? PROT_READ : 0) |
    (mapping.writable ? PROT_WRITE : 0) |
    (mapping.executable ? PROT_EXEC : 0)
  );
}
