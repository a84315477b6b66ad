import { constants } from 'node:fs';
import {
  cString,
  Fd,
  LITTLE_ENDIAN,
  mountDetached,
  O_CLOEXEC,
  SYS,
  SyscallError,
  syscall,
  trySyscall,
} from '@ordeal/linux';
import { NOTIFY, OUT_HEADER } from './wire/index.js';

const O_WRONLY_CLOEXEC = constants.O_WRONLY | O_CLOEXEC;

/**
 * Aborts a connection: all waiting callers get ECONNABORTED, the server ENODEV. The last resort for a server
 * that hangs. Works where /sys/fs/fuse/connections is not mounted, too. @param connection from `connectionOf`
 *
 * @returns whether there was such a connection
 * @throws SyscallError
 */
export function abortConnection(connection: number): boolean {
  const file = openControl(connection, 'abort', O_WRONLY_CLOEXEC);
  if (file < 0) return false;
  trySyscall(SYS.write, file, cString('1'), 1);
  trySyscall(SYS.close, file);
  return true;
}

/**
 * Opens the file that says how many requests of a connection wait for an answer: `waiting` in fusectl. The caller closes it.
 *
 * @throws SyscallError
 */
export function openWaiting(connection: number): Fd {
  const file = openControl(connection, 'waiting', O_CLOEXEC);
  if (file < 0) throw new SyscallError('open(waiting)', -file);
  return new Fd(file, 'waiting requests');
}

/** Opens a file of a connection in fusectl, which need not be mounted anywhere. @returns a descriptor, or `-errno` */
function openControl(connection: number, name: string, flags: number): number {
  const mount = mountDetached('fusectl');
  try {
    return trySyscall(SYS.openat, mount.number, cString(`${connection}/${name}`), flags, 0);
  } finally {
    mount.close();
  }
}

/**
 * The kernel tells the number once for each time that the file is opened.
 *
 * @param file of {@link openWaiting}
 * @returns 0, too, where the connection has ended
 */
export function requestsWaiting({ number }: Fd): number {
  const bytes = new Uint8Array(16);
  const opened = trySyscall(SYS.openat, 0, cString(`/proc/self/fd/${number}`), O_CLOEXEC, 0);
  const length = trySyscall(SYS.read, opened, bytes, bytes.length);
  trySyscall(SYS.close, opened);
  return length > 0 ? Number.parseInt(Buffer.from(bytes.buffer, 0, length).toString('latin1'), 10) : 0;
}

/**
 * struct fuse_notify_inval_inode_out: drops cached data (`length` 0 = to the end) and attributes. Negative `offset`:
 * attributes only.
 */
export function invalidateInode(device: number, nodeid: number, offset = -1, length = 0): void {
  const body = new DataView(new ArrayBuffer(24));
  body.setBigUint64(0, BigInt(nodeid), LITTLE_ENDIAN);
  body.setBigInt64(8, BigInt(offset), LITTLE_ENDIAN);
  body.setBigInt64(16, BigInt(length), LITTLE_ENDIAN);
  notify(device, NOTIFY.INVAL_INODE, new Uint8Array(body.buffer));
}

/** struct fuse_notify_inval_entry_out and the name: the kernel looks the name up again. */
export function invalidateEntry(device: number, parent: number, name: Uint8Array): void {
  const body = new DataView(new ArrayBuffer(16 + name.length + 1));
  body.setBigUint64(0, BigInt(parent), LITTLE_ENDIAN);
  body.setUint32(8, name.length, LITTLE_ENDIAN);
  const bytes = new Uint8Array(body.buffer);
  bytes.set(name, 16);
  notify(device, NOTIFY.INVAL_ENTRY, bytes);
}

/**
 * Asks the kernel to resend the requests that an earlier server of this connection left unanswered (Linux 6.9,
 * HAS_RESEND).
 */
export function requestResend(device: number): void {
  notify(device, NOTIFY.RESEND, new Uint8Array(0));
}

/**
 * Notifications wait for locks that requests hold: never send one from the thread that serves, except RESEND.
 *
 * @throws SyscallError ENOENT if the kernel does not have the node or name cached: there is nothing to do then
 */
function notify(device: number, code: number, body: Uint8Array): void {
  const message = new DataView(new ArrayBuffer(OUT_HEADER + body.length));
  message.setUint32(0, OUT_HEADER + body.length, LITTLE_ENDIAN);
  message.setInt32(4, code, LITTLE_ENDIAN);
  const bytes = new Uint8Array(message.buffer);
  bytes.set(body, OUT_HEADER);
  syscall(`notify(${code})`, SYS.write, device, bytes, bytes.length);
}
