import { LITTLE_ENDIAN, StructWriter } from './bytes.js';
import { syscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** At most this many descriptors go in one message: SCM_MAX_FD, include/net/scm.h. */
export const MAX_PASSED = 253;

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
/** Close-on-exec on what is received: include/linux/socket.h. */
const MSG_CMSG_CLOEXEC = 0x40000000;
const MSGHDR_SIZE = 56;
const CMSGHDR_SIZE = 16;

/** Bytes of a control buffer for `count` descriptors. */
export function controlSize(count: number): number {
  return CMSGHDR_SIZE + Math.ceil((count * 4) / 8) * 8;
}

/** Sends one message of one byte that carries the descriptors (at most {@link MAX_PASSED}). @throws SyscallError */
export function passDescriptors(socket: number, descriptors: readonly number[]): void {
  const control = new StructWriter(controlSize(descriptors.length))
    // struct cmsghdr: length, level, type
    .u64(0, CMSGHDR_SIZE + descriptors.length * 4)
    .u32(8, SOL_SOCKET)
    .u32(12, SCM_RIGHTS);
  descriptors.forEach((descriptor, index) => void control.u32(CMSGHDR_SIZE + index * 4, descriptor));
  const iovec = new StructWriter(16).pointer(0, new Uint8Array(1)).u64(8, 1).bytes;
  const header = messageHeader(control.bytes.length).pointer(16, iovec).pointer(32, control.bytes).bytes;
  syscall(`sendmsg(${descriptors.length} descriptors)`, SYS.sendmsg, socket, header, MSG_DONTWAIT);
}

/** The flags for receiving such a message without waiting, with or without close-on-exec. */
export const RECEIVE_FLAGS = {
  closeOnExec: MSG_DONTWAIT | MSG_CMSG_CLOEXEC,
  keepOnExec: MSG_DONTWAIT,
} as const;

/**
 * The memory that a process needs to receive one message: a `struct msghdr` with its iovec, its byte and its control
 * buffer, laid out for the address `base`.
 */
export function receiveArea(
  base: bigint,
  count: number,
): { readonly bytes: Uint8Array; readonly controlOffset: number } {
  const iovecOffset = MSGHDR_SIZE;
  const byteOffset = iovecOffset + 16;
  const controlOffset = byteOffset + 8;
  const bytes = new Uint8Array(controlOffset + controlSize(count));
  const header = messageHeader(controlSize(count))
    .u64(16, base + BigInt(iovecOffset))
    .u64(32, base + BigInt(controlOffset));
  bytes.set(header.bytes);
  bytes.set(new StructWriter(16).u64(0, base + BigInt(byteOffset)).u64(8, 1).bytes, iovecOffset);
  return { bytes, controlOffset };
}

/** The descriptor numbers in a received control buffer. */
export function receivedDescriptors(control: Uint8Array): number[] {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  const length = Number(view.getBigUint64(0, LITTLE_ENDIAN));
  const count = Math.max(0, Math.floor((Math.min(length, control.length) - CMSGHDR_SIZE) / 4));
  return Array.from({ length: count }, (_, index) => view.getInt32(CMSGHDR_SIZE + index * 4, LITTLE_ENDIAN));
}

/**
 * `struct msghdr` of one iovec: name, namelen, iov at 16, iovlen, control at 32, controllen at 40, flags at 48. The caller
 * fills in the addresses.
 */
function messageHeader(controlLength: number): StructWriter {
  return new StructWriter(MSGHDR_SIZE).u64(24, 1).u64(40, controlLength);
}
