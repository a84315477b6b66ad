import { ERRNO } from '@ordeal/linux';
import type { Handler } from '../session/handler.js';
import {
  ATTR,
  ATTR_OUT,
  ATTR_OUT_ATTR,
  ENTRY_ATTR,
  ENTRY_OUT,
  OPCODE,
  OPEN_OUT,
  type Reply,
  type Request,
  readRead,
} from '../wire/index.js';

const FILE = 2;
/** Seconds for which the kernel may cache names and attributes. */
const TIMEOUT = 1000;

/** A file system with one file, `file`, which the kernel caches for long: the smallest that notifications show on. */
export class OneFile implements Handler {
  content = Buffer.from('first');
  /** Requests that came, in order. */
  readonly seen: number[] = [];

  handle(request: Request, reply: Reply): number {
    this.seen.push(request.opcode);
    switch (request.opcode) {
      case OPCODE.LOOKUP:
        return this.#entry(reply);
      case OPCODE.GETATTR:
        reply.zero(0, ATTR_OUT);
        reply.u64(0, TIMEOUT);
        this.#attr(request.nodeid, reply, ATTR_OUT_ATTR);
        return ATTR_OUT;
      case OPCODE.OPEN:
        reply.zero(0, OPEN_OUT);
        // FOPEN_KEEP_CACHE
        reply.u32(8, 2);
        return OPEN_OUT;
      case OPCODE.READ: {
        const { offset, size } = readRead(request);
        const part = this.content.subarray(Number(offset), Number(offset) + size);
        reply.bytes.set(part);
        return part.length;
      }
      case OPCODE.FLUSH:
      case OPCODE.RELEASE:
        return 0;
      default:
        return -ERRNO.ENOSYS;
    }
  }

  #entry(reply: Reply): number {
    reply.zero(0, ENTRY_OUT);
    reply.u64(0, FILE);
    reply.u64(8, 1);
    reply.u64(16, TIMEOUT);
    reply.u64(24, TIMEOUT);
    this.#attr(FILE, reply, ENTRY_ATTR);
    return ENTRY_OUT;
  }

  #attr(node: number, reply: Reply, at: number): void {
    reply.u64(at + ATTR.ino, node);
    reply.u64(at + ATTR.size, node === FILE ? this.content.length : 0);
    reply.u32(at + ATTR.mode, node === FILE ? 0o100644 : 0o40755);
    reply.u32(at + ATTR.nlink, 1);
  }
}
