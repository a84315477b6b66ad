import { LITTLE_ENDIAN } from '@ordeal/linux';

/** Layout of one record in the map `events`, offsets in bytes. */
export const FAULT_EVENT = {
  /** u64, CLOCK_MONOTONIC nanoseconds. */
  time: 0,
  /** u64: process (thread group) id in the upper half, thread id in the lower. */
  threadAndProcess: 8,
  /** s32; negative if the stack could not be kept. */
  stackId: 16,
  /** u32, index of the target. */
  target: 20,
  /** 16 bytes, NUL-terminated. */
  command: 24,
  size: 40,
} as const;

/** One fault that happened. */
export interface FaultEvent {
  /** CLOCK_MONOTONIC nanoseconds, as `process.hrtime.bigint()` counts. */
  readonly time: bigint;
  readonly process: number;
  readonly thread: number;
  /** Name of the thread, at most 15 characters. */
  readonly command: string;
  /** Index of the target among the scopes. */
  readonly target: number;
  /** Names the stack among {@link KernelInjection.sites}; undefined if it could not be kept. */
  readonly stackId: number | undefined;
}

/** @throws RangeError for a record that is too short: a defect, the kernel writes whole ones */
export function decodeFaultEvent(record: Uint8Array): FaultEvent {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  const stackId = view.getInt32(FAULT_EVENT.stackId, LITTLE_ENDIAN);
  const both = view.getBigUint64(FAULT_EVENT.threadAndProcess, LITTLE_ENDIAN);
  const name = record.subarray(FAULT_EVENT.command, FAULT_EVENT.size);
  const end = name.indexOf(0);
  return {
    time: view.getBigUint64(FAULT_EVENT.time, LITTLE_ENDIAN),
    process: Number(both >> 32n),
    thread: Number(both & 0xffff_ffffn),
    command: new TextDecoder().decode(end < 0 ? name : name.subarray(0, end)),
    target: view.getUint32(FAULT_EVENT.target, LITTLE_ENDIAN),
    stackId: stackId < 0 ? undefined : stackId,
  };
}
