import assert from 'node:assert/strict';
import { test } from 'node:test';
import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { MemoryChannel } from '../testing/memory-channel.js';
import * as wire from '../wire/index.js';
import type { Handler } from './handler.js';
import { Session } from './session.js';

/** Reads everything that a request of this kind may hold. */
const readers: { readonly [opcode: number]: (request: wire.Request) => unknown } = {
  [wire.OPCODE.LOOKUP]: (r) => r.nameLength(wire.NAME_AT),
  [wire.OPCODE.FORGET]: wire.readForget,
  [wire.OPCODE.GETATTR]: wire.readGetattr,
  [wire.OPCODE.SETATTR]: wire.readSetattr,
  [wire.OPCODE.UNLINK]: (r) => r.nameLength(wire.NAME_AT),
  [wire.OPCODE.RMDIR]: (r) => r.nameLength(wire.NAME_AT),
  [wire.OPCODE.REMOVEXATTR]: (r) => r.nameLength(wire.NAME_AT),
  [wire.OPCODE.SYMLINK]: (r) => r.nameLength(wire.NAME_AT + r.nameLength(wire.NAME_AT) + 1),
  [wire.OPCODE.MKNOD]: (r) => r.nameLength(wire.readMknod(r).nameAt),
  [wire.OPCODE.MKDIR]: (r) => r.nameLength(wire.readMkdir(r).nameAt),
  [wire.OPCODE.RENAME]: (r) => r.nameLength(wire.readRename(r).nameAt),
  [wire.OPCODE.RENAME2]: (r) => r.nameLength(wire.readRename2(r).nameAt),
  [wire.OPCODE.LINK]: (r) => r.nameLength(wire.readLink(r).nameAt),
  [wire.OPCODE.OPEN]: wire.readOpen,
  [wire.OPCODE.OPENDIR]: wire.readOpen,
  [wire.OPCODE.READ]: wire.readRead,
  [wire.OPCODE.READDIR]: wire.readRead,
  [wire.OPCODE.READDIRPLUS]: wire.readRead,
  [wire.OPCODE.WRITE]: (r) => r.bytes(wire.WRITE_DATA_AT, wire.readWrite(r).size),
  [wire.OPCODE.RELEASE]: wire.readRelease,
  [wire.OPCODE.RELEASEDIR]: wire.readRelease,
  [wire.OPCODE.FSYNC]: wire.readFsync,
  [wire.OPCODE.FSYNCDIR]: wire.readFsync,
  [wire.OPCODE.SETXATTR]: (r) => r.nameLength(wire.readSetxattr(r, true).nameAt),
  [wire.OPCODE.GETXATTR]: (r) => r.nameLength(wire.readGetxattr(r).nameAt),
  [wire.OPCODE.LISTXATTR]: wire.readGetxattr,
  [wire.OPCODE.FLUSH]: wire.readFlush,
  [wire.OPCODE.GETLK]: wire.readLock,
  [wire.OPCODE.SETLK]: wire.readLock,
  [wire.OPCODE.SETLKW]: wire.readLock,
  [wire.OPCODE.ACCESS]: wire.readAccess,
  [wire.OPCODE.CREATE]: (r) => r.nameLength(wire.readCreate(r).nameAt),
  [wire.OPCODE.TMPFILE]: (r) => r.nameLength(wire.readCreate(r).nameAt),
  [wire.OPCODE.IOCTL]: (r) => r.bytes(wire.readIoctl(r).dataAt, wire.readIoctl(r).inSize),
  [wire.OPCODE.BATCH_FORGET]: (r) => wire.readBatchForget(r, () => {}),
  [wire.OPCODE.FALLOCATE]: wire.readFallocate,
  [wire.OPCODE.LSEEK]: wire.readLseek,
  [wire.OPCODE.COPY_FILE_RANGE]: wire.readCopyFileRange,
  [wire.OPCODE.COPY_FILE_RANGE_64]: wire.readCopyFileRange,
  [wire.OPCODE.STATX]: wire.readStatx,
};
/** All that there are, those without a body too, and one that there is not. */
const opcodes = [...Object.values(wire.OPCODE), 77];

test('100 000 mutated requests: one answer each at most, of the right form, and nothing thrown', (t) => {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`TEST_SEED=${seed}`);
  const generator = xoroshiro128plus(seed);
  const random = () => uniformFloat32(generator);
  const below = (limit: number) => uniformInt(generator, 0, limit - 1);
  const channel = new MemoryChannel();
  const handler: Handler = {
    handle: (request) => {
      readers[request.opcode]?.(request);
      return -38;
    },
  };
  const init = { flags: -1, flags2: -1, maxWrite: 65536, maxStackDepth: 2 };
  let lines = 0;
  const start = () => new Session({ channel, handler, init, log: () => lines++ });
  let session = start();
  for (let round = 0; round < 100_000; round++) {
    const bytes = new Uint8Array(round % 7 === 0 ? below(80) : 40 + below(160));
    for (let at = 0; at < bytes.length; at++) bytes[at] = random() < 0.5 ? 0 : below(256);
    const view = new DataView(bytes.buffer);
    if (bytes.length >= 40) {
      if (random() < 0.95) view.setUint32(0, bytes.length, true);
      view.setUint32(4, opcodes[below(opcodes.length)] ?? 0, true);
      view.setBigUint64(8, BigInt(round), true);
      if (random() < 0.9) view.setUint16(36, 0, true);
    }
    channel.put(bytes);
    session.step(0);
    const answers = channel.answers.splice(0);
    const silent = bytes.length < 40 || wire.wantsNoReply(view.getUint32(4, true));
    assert.equal(answers.length, silent ? 0 : 1, `round ${round}`);
    if (!silent) assert.equal(answers[0]?.unique, BigInt(round));
    if (!session.ended) continue;
    // Only an INIT of a protocol that is too old ends a session.
    assert.equal(view.getUint32(4, true), wire.OPCODE.INIT);
    session.close();
    session = start();
  }
  assert.ok(lines > 1000);
});
