import { readFileSync } from 'node:fs';
import { ERRNO } from '@ordeal/diagnostics';
import { LITTLE_ENDIAN } from './bytes.js';
import { Fd } from './fd.js';
import { syscall, trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

// include/linux/socket.h, include/linux/net.h
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
/** sizeof(struct sockaddr_un): family, then the path at 2. */
const ADDRESS_SIZE = 110;

/** A bound socket of a network namespace, from `/proc/PID/net/unix` (man 5 proc_pid_net). */
export interface UnixSocket {
  /** Of the socket itself, as in `socket:[INODE]`; not of the file that it is bound to. */
  readonly inode: number;
  /** As the program gave it to bind(2), perhaps relative; `@` and a name if it is not a file. */
  readonly path: string;
  readonly listening: boolean;
}

/** __SO_ACCEPTCON, include/linux/net.h */
const LISTENING = 1 << 16;

/** Address, reference count, protocol, flags, type, state, inode, path. */
const LINE = /^[0-9a-f]+: [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{8}) [0-9A-F]{4} [0-9A-F]{2} +(\d+) ([^\n]+)$/;
/** The same of a socket that is not bound. */
const UNBOUND = /^[0-9a-f]+: (?:[0-9A-F]+ ){5} *\d+$/;

/** The bound sockets of the network namespace of a process. @throws if the process is gone */
export function readUnixSockets(pid: number | 'self' = 'self'): UnixSocket[] {
  return parseUnixSockets(readFileSync(`/proc/${pid}/net/unix`, 'utf8'));
}

/** Pure; accepts any text. A line that is not a table row continues the previous path: paths may contain newlines. */
export function parseUnixSockets(text: string): UnixSocket[] {
  const sockets: UnixSocket[] = [];
  let last: UnixSocket | undefined;
  for (const line of text.replace(/\n$/, '').split('\n').slice(1)) {
    const [, flags, inode, path] = LINE.exec(line) ?? [];
    if (flags !== undefined && path !== undefined) {
      last = { inode: Number(inode), path, listening: (Number.parseInt(flags, 16) & LISTENING) !== 0 };
      sockets.push(last);
    } else if (UNBOUND.test(line)) last = undefined;
    else if (last) {
      last = { ...last, path: `${last.path}\n${line}` };
      sockets[sockets.length - 1] = last;
    }
  }
  return sockets;
}

/**
 * Whether a socket is bound to a file; its owner does not notice. A stream socket is found, too, and then refused for
 * its type (EPROTOTYPE).
 *
 * @param descriptor of the file; O_PATH is enough
 * @throws SyscallError if no socket can be created
 */
export function isSocketBoundTo(descriptor: number): boolean {
  const type = SOCK_DGRAM | SOCK_CLOEXEC;
  const socket = new Fd(syscall('socket(AF_UNIX)', SYS.socket, AF_UNIX, type, 0), 'a Unix socket');
  try {
    const address = new Uint8Array(ADDRESS_SIZE);
    new DataView(address.buffer).setUint16(0, AF_UNIX, LITTLE_ENDIAN);
    address.set(Buffer.from(`/proc/self/fd/${descriptor}`), 2);
    return trySyscall(SYS.connect, socket.number, address, address.length) !== -ERRNO.ECONNREFUSED;
  } finally {
    socket.close();
  }
}
