import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { IN_HEADER, OPCODE, opcodeName } from '@ordeal/fuse';
import { cloneTree, EventFd, LITTLE_ENDIAN, openPath, SYS, trySyscall } from '@ordeal/linux';
import { call } from './conformance/calls.js';
import { numbers } from './conformance/random-operations.js';
import { FaultFileSystem } from './fault-file-system.js';
import { HelperThreads } from './offload/helper-threads.js';
import { METHODS } from './rules/method.js';
import { RuleGroup } from './rules/rule-group.js';
import { BackingVolume } from './testing/backing-volume.js';

const ROUNDS = 100_000;
const O_PATH_CLOEXEC = 0o12000000;
/** AF_UNIX; SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC: one message a read, as /dev/fuse gives them. */
const [UNIX, SEQPACKET] = [1, 5 | 0o4000 | 0o2000000];
const O_FLAGS = 0o37777777;

/** The body of a request of each kind: numbers of 4 and 8 bytes, names with their NUL. */
const bodies: { readonly [opcode: number]: string } = {
  [OPCODE.LOOKUP]: 'name',
  [OPCODE.FORGET]: '8',
  [OPCODE.GETATTR]: '4 4 handle',
  [OPCODE.SETATTR]: '4 4 handle 8 8 8 8 8 4 4 4 4 4 4 4 4',
  [OPCODE.READLINK]: '',
  [OPCODE.SYMLINK]: 'name name',
  [OPCODE.MKNOD]: '4 4 4 4 name',
  [OPCODE.MKDIR]: '4 4 name',
  [OPCODE.UNLINK]: 'name',
  [OPCODE.RMDIR]: 'name',
  [OPCODE.RENAME]: 'node name name',
  [OPCODE.LINK]: 'node name',
  [OPCODE.OPEN]: 'flags 4',
  [OPCODE.READ]: 'handle 8 4 4 8 flags 4',
  [OPCODE.WRITE]: 'handle 8 4 4 8 flags 4 data',
  [OPCODE.STATFS]: '',
  [OPCODE.RELEASE]: 'handle 4 4 8',
  [OPCODE.FSYNC]: 'handle 4 4',
  [OPCODE.SETXATTR]: '4 4 4 4 name data',
  [OPCODE.GETXATTR]: '4 4 name',
  [OPCODE.LISTXATTR]: '4 4',
  [OPCODE.REMOVEXATTR]: 'name',
  [OPCODE.FLUSH]: 'handle 4 4 8',
  [OPCODE.OPENDIR]: 'flags 4',
  [OPCODE.READDIR]: 'handle 8 4 4 8 flags 4',
  [OPCODE.RELEASEDIR]: 'handle 4 4 8',
  [OPCODE.FSYNCDIR]: 'handle 4 4',
  [OPCODE.GETLK]: 'handle 8 8 8 4 4 4 4',
  [OPCODE.SETLK]: 'handle 8 8 8 4 4 4 4',
  [OPCODE.SETLKW]: 'handle 8 8 8 4 4 4 4',
  [OPCODE.ACCESS]: '4 4',
  [OPCODE.CREATE]: 'flags 4 4 4 name',
  [OPCODE.INTERRUPT]: '8',
  [OPCODE.BMAP]: '8 4 4',
  [OPCODE.IOCTL]: 'handle 4 4 8 4 4 data',
  [OPCODE.POLL]: 'handle 8 4 4',
  [OPCODE.NOTIFY_REPLY]: '8 8 4 4 8 8',
  [OPCODE.BATCH_FORGET]: '4 4 node 8 node 8',
  [OPCODE.FALLOCATE]: 'handle 8 8 4 4',
  [OPCODE.READDIRPLUS]: 'handle 8 4 4 8 flags 4',
  [OPCODE.RENAME2]: 'node 4 4 name name',
  [OPCODE.LSEEK]: 'handle 8 4 4',
  [OPCODE.COPY_FILE_RANGE]: 'handle 8 node handle 8 8 8',
  [OPCODE.SETUPMAPPING]: 'handle 8 8 8 8',
  [OPCODE.REMOVEMAPPING]: '4 8 8',
  [OPCODE.SYNCFS]: '8',
  [OPCODE.TMPFILE]: 'flags 4 4 4 name',
  [OPCODE.STATX]: '4 4 handle 4 4',
  [OPCODE.COPY_FILE_RANGE_64]: 'handle 8 node handle 8 8 8',
};
const opcodes = Object.keys(bodies).map(Number);
const names = ['.', '..', '/etc', 'file', 'dir', 'link', 'new', 'other', 'user.x', 'n'.repeat(255)];

test('100 000 damaged requests to a real tree: typed answers, nothing thrown, and it goes on', (t) => {
  const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`TEST_SEED=${seed}`);
  const below = numbers(seed);
  // No devices: a damaged MKNOD may make any, and a damaged OPEN open it.
  const volume = BackingVolume.tmpfs('size=16m,nr_inodes=5000,nodev,noexec');
  fs.writeFileSync(`${volume.directory}/file`, 'content');
  fs.mkdirSync(`${volume.directory}/dir`);
  fs.symlinkSync('file', `${volume.directory}/link`);
  const path = openPath(volume.directory, O_PATH_CLOEXEC);
  // Nothing is above the root of a detached tree.
  const root = cloneTree(path);
  const pair = new Uint8Array(8);
  call(SYS.socketpair, UNIX, SEQPACKET, 0, pair);
  const ends = new DataView(pair.buffer);
  const [server, client] = [ends.getInt32(0, LITTLE_ENDIAN), ends.getInt32(4, LITTLE_ENDIAN)];
  const wakeUp = new EventFd();
  const lines: string[] = [];
  const system = new FaultFileSystem({
    root: root.number,
    device: server,
    wakeUp: wakeUp.fd.number,
    helpers: () => new HelperThreads(0),
    log: (line) => lines.push(line),
  });
  const anything = { matchesPath: undefined, methods: undefined };
  const group = new RuleGroup({
    volumePath: '/data',
    rules: [
      { ...anything, action: 'fault', errno: 5, trigger: { percent: 2 } },
      { ...anything, action: 'latency', milliseconds: 1, trigger: { percent: 2 } },
      {
        ...anything,
        action: 'mistake',
        trigger: { percent: 10 },
        methods: new Set(METHODS),
        mistake: { filling: 'random', maxOccurrences: 3, maxLength: 9 },
      },
    ],
  });
  group.active = true;
  system.use([group]);

  const answer = new Uint8Array(1 << 21);
  /**
   * Sends one message.
   *
   * @param unique counts answers to this request alone: others may have waited
   * @returns how many answers came, and the error of the last
   */
  const send = (message: Uint8Array, unique?: number): { answers: number; error: number } => {
    call(SYS.write, client, message, message.length);
    system.session.step(0);
    let [answers, error] = [0, 0];
    for (;;) {
      const length = trySyscall(SYS.read, client, answer, answer.length);
      if (length < 0) return { answers, error };
      const view = new DataView(answer.buffer);
      assert.equal(view.getUint32(0, LITTLE_ENDIAN), length);
      if (unique !== undefined && view.getUint32(8, LITTLE_ENDIAN) !== unique) continue;
      answers++;
      error = view.getInt32(4, LITTLE_ENDIAN);
      assert.ok(error <= 0 && error > -512, `error ${error}`);
    }
  };

  const message = (opcode: number, round: number): Uint8Array => {
    const parts: Buffer[] = [Buffer.alloc(IN_HEADER)];
    const number = (size: number, value: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
      parts.push(bytes.subarray(0, size));
    };
    for (const word of (bodies[opcode] ?? '').split(' ').filter(Boolean)) {
      if (word === 'name') parts.push(Buffer.from(`${names[below(names.length)]}\0`));
      else if (word === 'data') parts.push(Buffer.alloc(below(64), below(256)));
      else if (word === 'flags') number(4, BigInt(below(4) === 0 ? below(O_FLAGS) : 2));
      else if (word === 'handle') number(8, BigInt(below(30)));
      else if (word === 'node') number(8, BigInt(1 + below(20)));
      else number(Number(word), below(3) === 0 ? BigInt(below(2 ** 31)) ** 2n : BigInt(below(200)));
    }
    const bytes = Buffer.concat(parts);
    bytes.writeUInt32LE(bytes.length, 0);
    bytes.writeUInt32LE(opcode, 4);
    bytes.writeBigUInt64LE(BigInt(2 * (round + 1)), 8);
    bytes.writeBigUInt64LE(BigInt(1 + below(12)), 16);
    bytes.writeUInt32LE(below(3) === 0 ? 1000 : 0, 24);
    return bytes;
  };

  /** Flips bits, cuts or lengthens, and lies about the length; some stay whole. */
  const damage = (bytes: Uint8Array): Uint8Array => {
    let damaged = Buffer.from(bytes);
    for (let count = below(4); count > 0; count--) {
      const at = 16 + below(damaged.length - 16);
      damaged[at] = below(2) === 0 ? below(256) : (damaged[at] ?? 0) ^ (1 << below(8));
    }
    if (below(10) === 0) damaged = damaged.subarray(0, below(damaged.length + 1));
    if (below(20) === 0) damaged = Buffer.concat([damaged, Buffer.alloc(below(100), below(256))]);
    if (damaged.length >= 4 && below(30) !== 0) damaged.writeUInt32LE(damaged.length, 0);
    return damaged.length === 0 ? Buffer.alloc(1) : damaged;
  };
  try {
    const init = Buffer.alloc(IN_HEADER + 64);
    for (const [at, value] of [
      [0, init.length],
      [4, OPCODE.INIT],
      [8, 1],
      [40, 7],
      [44, 45],
      [48, 0x20000],
      [52, 0x73fffffb],
      [56, 0x5fd],
    ] as const) {
      init.writeUInt32LE(value, at);
    }
    assert.deepEqual(send(init), { answers: 1, error: 0 });

    const errors = new Map<number, number>();
    let succeeded = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const opcode = opcodes[round % opcodes.length] ?? 0;
      const bytes = damage(message(opcode, round));
      const { answers, error } = send(bytes);
      errors.set(error, (errors.get(error) ?? 0) + 1);
      if (answers > 0 && error === 0) succeeded++;
      // What is open and what is locked must not pile up.
      if (round % 2000 === 1999)
        for (let handle = 0; handle < 200; handle++) system.volume.files.remove(handle);
    }
    system.use([]);
    for (const line of lines) {
      assert.match(line, /bytes where \d+ are needed|is no name of an entry|E(MSGSIZE|NOBUFS)$/, line);
    }
    t.diagnostic(`${succeeded} succeeded, ${errors.size} kinds of errors, ${lines.length} lines`);
    assert.ok(succeeded > ROUNDS / 20, `${succeeded} succeeded`);
    for (const opcode of opcodes) assert.ok(bodies[opcode] !== undefined, opcodeName(opcode));

    // It still serves: the attributes of the root.
    const ask = Buffer.alloc(IN_HEADER + 16);
    ask.writeUInt32LE(ask.length, 0);
    ask.writeUInt32LE(OPCODE.GETATTR, 4);
    const unique = 2 * ROUNDS + 10;
    ask.writeUInt32LE(unique, 8);
    ask.writeUInt32LE(1, 16);
    assert.deepEqual(send(ask, unique), { answers: 1, error: 0 });
  } finally {
    system.close();
    wakeUp.close();
    for (const fd of [server, client]) call(SYS.close, fd);
    root.close();
    path.close();
    volume.close();
  }
});
