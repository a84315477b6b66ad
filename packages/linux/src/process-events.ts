import { ERRNO } from '@ordeal/diagnostics';
import { LITTLE_ENDIAN, StructWriter } from './bytes.js';
import { Fd } from './fd.js';
import { trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** A process was forked, has executed another program, or has ended. */
export type ProcessEvent =
  | { readonly kind: 'fork'; readonly pid: number; readonly parent: number }
  | { readonly kind: 'exec'; readonly pid: number }
  /** `status` as of wait4(2): signal in the low 7 bits, exit code from bit 8 on. */
  | { readonly kind: 'exit'; readonly pid: number; readonly status: number };

// include/uapi/linux/netlink.h, connector.h, cn_proc.h
const AF_NETLINK = 16;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_CONNECTOR = 11;
const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
const NLMSG_DONE = 3;
const PROC_CN_MCAST_LISTEN = 1;
const PROC_CN_MCAST_IGNORE = 2;
const PROC_EVENT_FORK = 1;
const PROC_EVENT_EXEC = 2;
const PROC_EVENT_EXIT = 0x80000000;
const SOL_SOCKET = 1;
const SO_RCVBUFFORCE = 33;
/** Room for a few thousand events between two reads. */
const RECEIVE_BUFFER = 8 << 20;
/** Behind `struct nlmsghdr` (16) and `struct cn_msg` (20). */
const EVENT = 36;
/** Behind `what`, `cpu` and `timestamp_ns` of `struct proc_event`. */
const DATA = EVENT + 16;

/**
 * Forks, execs and ends of all processes of this host, by the kernel's process connector (CONFIG_PROC_EVENTS, initial
 * pid and network namespace, CAP_NET_ADMIN). The owner closes it.
 */
export class ProcessEvents {
  readonly #socket: Fd;
  readonly #buffer = new Uint8Array(4096);

  private constructor(socket: Fd) {
    this.#socket = socket;
  }

  /** Events from now on; undefined if this host does not provide them. */
  static open(): ProcessEvents | undefined {
    const type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const number = trySyscall(SYS.socket, AF_NETLINK, type, NETLINK_CONNECTOR);
    if (number < 0) return undefined;
    const socket = new Fd(number, 'process events');
    const size = new StructWriter(4).u32(0, RECEIVE_BUFFER).bytes;
    trySyscall(SYS.setsockopt, number, SOL_SOCKET, SO_RCVBUFFORCE, size, size.length);
    // struct sockaddr_nl: u16 family, u16 pad, u32 pid, u32 groups
    const address = new StructWriter(12).u32(0, AF_NETLINK).u32(8, CN_IDX_PROC).bytes;
    const bound = trySyscall(SYS.bind, number, address, address.length);
    const events = new ProcessEvents(socket);
    if (bound === 0 && events.#ask(PROC_CN_MCAST_LISTEN) >= 0) return events;
    socket.close();
    return undefined;
  }

  /** Events since the last call. Never waits. Events that the kernel had to drop are missing. */
  read(): ProcessEvent[] {
    const events: ProcessEvent[] = [];
    for (;;) {
      const buffer = this.#buffer;
      const length = trySyscall(SYS.recvfrom, this.#socket.number, buffer, buffer.length, 0, 0, 0);
      // ENOBUFS is reported once, and later events can be read.
      if (length < 0 && length !== -ERRNO.ENOBUFS) return events;
      const event = length < 0 ? undefined : decodeProcessEvent(buffer.subarray(0, length));
      if (event) events.push(event);
    }
  }

  close(): void {
    if (this.#socket.number < 0) return;
    this.#ask(PROC_CN_MCAST_IGNORE);
    this.#socket.close();
  }

  #ask(operation: number): number {
    // struct nlmsghdr: u32 length, u16 type, u16 flags, u32 sequence, u32 pid;
    // struct cn_msg: u32 index, u32 value, u32 sequence, u32 ack, u16 length, u16 flags; u32 operation
    const message = new StructWriter(40)
      .u32(0, 40)
      .u32(4, NLMSG_DONE)
      .u32(12, process.pid)
      .u32(16, CN_IDX_PROC)
      .u32(20, CN_VAL_PROC)
      .u32(32, 4)
      .u32(36, operation).bytes;
    return trySyscall(SYS.sendto, this.#socket.number, message, message.length, 0, 0, 0);
  }
}

/** Parses one message; undefined for threads and for other events of the connector. */
export function decodeProcessEvent(message: Uint8Array): ProcessEvent | undefined {
  if (message.length < DATA + 16) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  const word = (offset: number) => view.getUint32(offset, LITTLE_ENDIAN);
  const [first, second, third, fourth] = [word(DATA), word(DATA + 4), word(DATA + 8), word(DATA + 12)];
  switch (word(EVENT)) {
    case PROC_EVENT_FORK:
      // parent_pid, parent_tgid, child_pid, child_tgid
      return third === fourth ? { kind: 'fork', pid: fourth, parent: second } : undefined;
    case PROC_EVENT_EXEC:
      return { kind: 'exec', pid: second };
    case PROC_EVENT_EXIT:
      // process_pid, process_tgid, exit_code, exit_signal
      return first === second ? { kind: 'exit', pid: second, status: third } : undefined;
    default:
      return undefined;
  }
}
