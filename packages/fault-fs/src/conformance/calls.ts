import { constants } from 'node:fs';
import { cString, errnoName, SYS, type SyscallArgument, trySyscall } from '@ordeal/linux';

/** A system call as a client makes it: throws an error with a `code` as node:fs does. */
export function call(number: number, ...args: readonly SyscallArgument[]): number {
  const result = trySyscall(number, ...args);
  if (result < 0) throw Object.assign(new Error(errnoName(-result)), { code: errnoName(-result) });
  return result;
}

/** A path, or bytes that are one, as a C string. */
export function path(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? cString(text) : Buffer.concat([text, Uint8Array.of(0)]);
}

export const FDCWD = -100;

/** Runs `action` as another user, on this thread alone, and becomes root again. */
export function as<T>(uid: number, gid: number, groups: readonly number[], action: () => T): T {
  const list = new Uint32Array(groups);
  call(SYS.setgroups, groups.length, new Uint8Array(list.buffer));
  call(SYS.setfsgid, gid);
  call(SYS.setfsuid, uid);
  try {
    return action();
  } finally {
    call(SYS.setfsuid, 0);
    call(SYS.setfsgid, 0);
    call(SYS.setgroups, 0, 0);
  }
}

/** Names and types of a directory as getdents64 returns them from `offset` on, with their offsets. */
export function entries(fd: number, room: number): { name: string; type: number; offset: bigint }[] {
  const buffer = new Uint8Array(room);
  const length = call(SYS.getdents64, fd, buffer, buffer.length);
  const view = new DataView(buffer.buffer);
  const found: { name: string; type: number; offset: bigint }[] = [];
  for (let at = 0; at < length; at += view.getUint16(at + 16, true)) {
    const end = buffer.indexOf(0, at + 19);
    const name = Buffer.from(buffer.buffer, at + 19, end - at - 19).toString('latin1');
    found.push({ name, type: buffer[at + 18] ?? 0, offset: view.getBigInt64(at + 8, true) });
  }
  return found;
}

export const { O_APPEND, O_CREAT, O_DIRECT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, O_DIRECTORY } =
  constants;
