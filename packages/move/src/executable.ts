import { constants } from 'node:fs';
import { errnoName, identifyDescriptor, readStat, StructWriter, SYS } from '@ordeal/linux';
import type { OldSide } from './old-side.js';
import { openLink } from './open-link.js';
import { type DescriptorChannel, FREE_PAYLOAD } from './remote-process.js';
import type { LeftBehind, OpenOnNewSide } from './sides.js';

// prctl(2), include/uapi/linux/prctl.h
const PR_SET_MM = 35;
const PR_SET_MM_MAP = 14;
const MEMORY_MAP_SIZE = 104;

export const THE_EXECUTABLE = 'the executable';

/** Whether the file that a process executes, `/proc/PID/exe`, is on the old side. */
export function executesOldSide(pid: number, oldSide: OldSide): boolean {
  const old = openLink(`/proc/${pid}/exe`, oldSide);
  old?.close();
  return old !== undefined;
}

/**
 * Makes the process use the new side's file as its executable; otherwise it would keep that of the old side open. The
 * old file must not be mapped any more.
 *
 * @returns why not; it needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE, and CONFIG_CHECKPOINT_RESTORE
 * @throws ThreadGone, OrdealError ORD-752
 */
export function installExecutable(
  pid: number,
  channel: DescriptorChannel,
  oldSide: OldSide,
  openOnNewSide: OpenOnNewSide,
): LeftBehind | undefined {
  const old = openLink(`/proc/${pid}/exe`, oldSide);
  if (!old) return undefined;
  const successor = openOnNewSide({
    descriptor: old.number,
    name: oldSide.nameOf(old.number),
    identity: identifyDescriptor(old.number),
    flags: constants.O_RDONLY,
  });
  old.close();
  if (typeof successor === 'string') return { what: THE_EXECUTABLE, reason: successor };
  const given = channel.give([successor.number]);
  successor.close();
  const [brk = 0] = channel.run([{ number: SYS.brk, args: [0] }]);
  channel.writePayload(FREE_PAYLOAD, memoryMap(readStat(pid) ?? [], brk, given[0] ?? -1));
  const [result = -1] = channel.run([
    {
      number: SYS.prctl,
      args: [PR_SET_MM, PR_SET_MM_MAP, channel.payload + BigInt(FREE_PAYLOAD), MEMORY_MAP_SIZE, 0],
    },
    ...given.map((number) => ({ number: SYS.close, args: [number] })),
  ]);
  if (result >= 0) return undefined;
  return { what: THE_EXECUTABLE, reason: `cannot be changed by its process (${errnoName(-result)})` };
}

/**
 * struct prctl_mm_map with the current values from proc_pid_stat(5), except `exe_fd`; with size 0 auxv is unchanged.
 */
function memoryMap(stat: readonly string[], brk: number, file: number): Uint8Array {
  const [startCode, endCode, startStack, startData, endData, startBrk, ...arguments_] = [
    26, 27, 28, 45, 46, 47, 48, 49, 50, 51,
  ].map((number) => BigInt(stat[number] ?? 0));
  const values = [startCode, endCode, startData, endData, startBrk, BigInt(brk), startStack, ...arguments_];
  const map = new StructWriter(MEMORY_MAP_SIZE);
  for (const [index, value] of values.entries()) map.u64(8 * index, value ?? 0n);
  return map.u32(100, file).bytes;
}
