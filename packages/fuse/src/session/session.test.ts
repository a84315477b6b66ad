import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageMemory } from '@ordeal/linux';
import { hex } from '../testing/hex.js';
import { MemoryChannel } from '../testing/memory-channel.js';
import {
  INIT,
  INIT2,
  OPCODE,
  Request,
  readRead,
  readSetattr,
  readWrite,
  WRITE_DATA_AT,
} from '../wire/index.js';
import { type Handler, LATER } from './handler.js';
import type { Resume } from './parked-requests.js';
import { Session } from './session.js';

const DAY_MS = 24 * 60 * 60_000;
const init = {
  flags: INIT.ASYNC_READ | INIT.POSIX_ACL,
  flags2: INIT2.PASSTHROUGH,
  maxWrite: 4096 * 16,
  maxStackDepth: 2,
};

function serve(handler: Handler, ...requests: string[]) {
  const channel = new MemoryChannel();
  const lines: string[] = [];
  const session = new Session({ channel, handler, init, log: (line) => lines.push(line) });
  for (const request of requests) channel.put(hex(request));
  for (let rounds = 0; rounds < requests.length; rounds++) session.step(0);
  return { session, channel, lines, answers: channel.answers };
}

const GETATTR = `
  38000000 03000000  // len 56, opcode
  efbeadde 00000080  // unique, bit 63: sent again
  2a00000000000000   // nodeid 42
  e8030000 e9030000  // uid 1000, gid 1001
  0b000000 00000000  // pid 11, no extensions
  01000000 00000000  // getattr_flags, dummy
  0700000000000000   // fh`;

test('INIT agrees on what both sides want', () => {
  const { answers, session } = serve(
    { handle: () => 0 },
    `68000000 1a000000 0200000000000000 0000000000000000 00000000 00000000 00000000 00000000
     07000000 2d000000  // 7.45
     00000200           // max_readahead 128 KiB
     fbffff73 fd050000  // flags, flags2 of Linux 6.18
     ${'00000000'.repeat(11)}`,
  );
  assert.equal(answers[0]?.error, 0);
  assert.deepEqual(
    answers[0]?.body,
    hex(`07000000 2d000000 00000200
         01001040           // ASYNC_READ, POSIX_ACL, INIT_EXT
         4000 3000 00000100 // max_background, congestion_threshold, max_write
         01000000 1000 0000 // time_gran, max_pages, map_alignment
         20000000 02000000  // flags2 PASSTHROUGH, max_stack_depth
         ${'00000000'.repeat(6)}`),
  );
  assert.equal(session.agreement?.minor, 45);
});

test('an unknown major version gets ours and may ask again; an old minor is refused', () => {
  const init = (major: string, minor: string) =>
    `38000000 1a000000 0200000000000000 0000000000000000 00000000 00000000 00000000 00000000 ${major} ${minor} 00000000 00000000`;
  assert.equal(serve({ handle: () => 0 }, init('08000000', '00000000')).answers[0]?.body[0], 7);
  const old = serve({ handle: () => 0 }, init('07000000', '17000000'));
  assert.equal(old.answers[0]?.error, -5);
  assert.deepEqual(old.lines, ['the kernel speaks FUSE 7.23, which Ordeal does not']);
  assert.throws(() => old.session.run({ attend: () => {} }), {
    code: 'ORD-702',
    message: 'the kernel speaks FUSE 7.23, at least 7.34 is needed',
  });
});

test('header and body reach the handler, the unique number comes back verbatim', () => {
  const seen: unknown[] = [];
  const { answers } = serve(
    {
      handle: (request, reply) => {
        seen.push([request.opcode, request.nodeid, request.uid, request.gid, request.pid, request.u64(48)]);
        reply.u64(0, 0x1122334455667);
        return 8;
      },
    },
    GETATTR,
  );
  assert.deepEqual(seen, [[OPCODE.GETATTR, 42, 1000, 1001, 11, 7]]);
  assert.deepEqual(answers, [{ error: 0, unique: 0x80000000deadbeefn, body: hex('6756453423120100') }]);
});

test('a handler that throws gives EIO and a line; the session goes on', () => {
  let calls = 0;
  const { answers, lines } = serve(
    {
      handle: () => {
        calls++;
        throw new Error('out of luck');
      },
    },
    GETATTR,
    GETATTR,
  );
  assert.equal(calls, 2);
  assert.deepEqual(
    answers.map((answer) => answer.error),
    [-5, -5],
  );
  assert.match(lines[0] ?? '', /^FUSE GETATTR of node 42: Error: out of luck/);
});

test('a message shorter than its layout is a typed error', () => {
  const short = GETATTR.replace('38000000 03', '30000000 03').replace('0700000000000000   // fh', '');
  const { answers, lines } = serve({ handle: (request) => request.u64(48) }, short);
  assert.equal(answers[0]?.error, -5);
  assert.match(lines[0] ?? '', /FUSE GETATTR: 48 bytes where 56 are needed/);
});

test('64-bit fields keep all their bits', () => {
  const write = `
    54000000 10000000 0400000000000000 0100000000000000 00000000 00000000 00000000 00000000
    0300000000000000   // fh
    ffffffffffffff7f   // offset 2^63 - 1
    04000000 04000000  // size, write_flags
    0000000000000000   // lock_owner
    00040000 00000000  // flags O_APPEND
    61626364`;
  serve(
    {
      handle: (request) => {
        assert.deepEqual(readWrite(request), {
          fh: 3,
          offset: 2n ** 63n - 1n,
          size: 4,
          writeFlags: 4,
          flags: 1024,
        });
        assert.equal(String.fromCharCode(...request.bytes(WRITE_DATA_AT, 4)), 'abcd');
        assert.equal(request.addressOf(WRITE_DATA_AT, 4) % 4096, 0);
        assert.throws(() => request.addressOf(WRITE_DATA_AT, 5), /84 bytes where 85 are needed/);
        return 0;
      },
    },
    write,
  );
});

const READ = (unique: string) => `
  50000000 0f000000 ${unique} 0100000000000000 00000000 00000000 00000000 00000000
  0900000000000000 0010000000000000 00100000 00000000 0000000000000000 00000000 00000000`;

test('a parked request holds up nobody, comes when it is due, and hears of a signal', async () => {
  const log: string[] = [];
  const handler: Handler = {
    handle: (request, _reply, parking) => {
      if (request.opcode !== OPCODE.READ) return 0;
      const milliseconds = request.uniqueLow === 2 ? 20 : DAY_MS;
      parking.park(request, milliseconds, (again, _reply2, occasion) => {
        log.push(`${again.uniqueLow} ${readRead(again).fh} ${occasion}`);
        return occasion === 'signal' ? -4 : 0;
      });
      return LATER;
    },
  };
  const { session, channel, answers } = serve(
    handler,
    READ('0200000000000000'),
    READ('0400000000000000'),
    READ('0600000000000000'),
    GETATTR,
    // FUSE_INTERRUPT of unique 4
    '30000000 24000000 0500000000000000 0000000000000000 00000000 00000000 00000000 00000000 0400000000000000',
  );
  assert.deepEqual(
    answers.filter(({ unique }) => unique !== 2n).map(({ unique, error }) => [unique, error]),
    [
      [0x80000000deadbeefn, 0],
      [4n, -4],
    ],
  );
  while (log.length < 2) session.step(0);
  assert.deepEqual(log.toSorted(), ['2 9 due', '4 9 signal']);
  session.flush();
  assert.equal(log[2], '6 9 flushed');
  assert.equal(channel.answers.length, 4);
  assert.equal(session.parked, 0);
});

test('a flush reaches every parked request once, also where some park themselves again', () => {
  const log: string[] = [];
  const handler: Handler = {
    handle: (request, _reply, parking) => {
      const resume: Resume = (again) => {
        log.push(`${again.uniqueLow}`);
        if (again.uniqueLow !== 2) return 0;
        parking.park(again, 0, resume);
        return LATER;
      };
      parking.park(request, request.uniqueLow === 2 ? 0 : DAY_MS, resume);
      return LATER;
    },
  };
  const { session } = serve(handler);
  for (const unique of ['0200000000000000', '0400000000000000']) {
    const request = new Request(new PageMemory(4096));
    const memory = new PageMemory(4096);
    memory.bytes.set(hex(READ(unique)));
    request.load(memory, 0, 80);
    handler.handle(request, undefined as never, session);
  }
  session.flush();
  assert.deepEqual(log, ['2', '4']);
  assert.equal(session.parked, 1);
});

test('setattr is read field by field', () => {
  const setattr = `
    80000000 04000000 0200000000000000 0100000000000000 00000000 00000000 00000000 00000000
    ff0f0000 00000000 0a00000000000000 0b00000000000000 0c00000000000000
    feffffffffffffff 0e00000000000000 0f00000000000000 // times: -2 s is before 1970
    10000000 11000000 12000000 a4810000 00000000 14000000 15000000 00000000`;
  serve(
    {
      handle: (request) => {
        assert.deepEqual(readSetattr(request), {
          valid: 0xfff,
          fh: 10,
          size: 11,
          lockOwner: 12n,
          atime: 0xfffffffffffffffen,
          mtime: 14n,
          atimeNsec: 16,
          mtimeNsec: 17,
          mode: 0o100644,
          uid: 20,
          gid: 21,
        });
        return 0;
      },
    },
    setattr,
  );
});

test('there is no time for other work while answers come from elsewhere', () => {
  let [rounds, finished] = [0, 0];
  class Waits extends MemoryChannel {
    override wait(): boolean {
      rounds++;
      return false;
    }
  }
  /** One answer in each of the first three rounds. */
  const finish = () => {
    if (finished === rounds || rounds > 3) return false;
    finished = rounds;
    return true;
  };
  const handler = { handle: () => 0 };
  const log = (line: string) => assert.fail(line);
  const session = new Session({ channel: new Waits(), handler, init, log, completions: { finish } });
  session.run({ attend: () => assert.fail('nobody calls'), idle: () => session.close() });
  assert.deepEqual([rounds, finished], [4, 3]);
});
