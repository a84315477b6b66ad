import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ERRNO } from '@ordeal/diagnostics';
import { EPOLLIN, Epoll } from './epoll.js';
import { IoUring, RING } from './io-uring.js';
import { PAGE, PageMemory } from './page-memory.js';
import { openPipe } from './pipe.js';
import { trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

const { FSYNC, READ, WRITE } = RING;
const ENTRIES = 4;

type Results = Map<number, number>;

/** Waits for so many results. */
function takeAll(ring: IoUring, count: number): Results {
  const results: Results = new Map();
  while (results.size < count) {
    ring.wait();
    ring.take((tag, result) => results.set(tag, result));
  }
  return results;
}

async function withRing(t: TestContext, body: (ring: IoUring, memory: PageMemory, file: string) => void) {
  const ring = IoUring.open(ENTRIES);
  if (!ring) return t.skip('this host lets nobody use io_uring');
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-ring-'));
  const memory = new PageMemory(2 * PAGE);
  try {
    body(ring, memory, join(directory, 'file'));
  } finally {
    ring.close();
    memory.close();
    rmSync(directory, { recursive: true });
  }
}

test('calls have the results that they would have had here', (t) =>
  withRing(t, (ring, memory, file) => {
    writeFileSync(file, '');
    const fd = openSync(file, 'r+');
    const { address } = memory;
    memory.bytes.set(Buffer.from('written'));
    assert.ok(ring.begin({ opcode: WRITE, fd, offset: 5, address, length: 7, flags: 0 }, 1));
    assert.deepEqual([...takeAll(ring, 1)], [[1, 7]]);
    assert.ok(ring.begin({ opcode: FSYNC, fd, offset: 0, address: 0, length: 0, flags: 1 }, 2));
    assert.ok(ring.begin({ opcode: READ, fd, offset: 2 ** 40, address, length: 7, flags: 0 }, 3));
    assert.ok(
      ring.begin(
        { opcode: READ, fd, offset: 0, address: address + PAGE, length: 100, flags: 0, elsewhere: true },
        4,
      ),
    );
    assert.ok(ring.begin({ opcode: READ, fd: -1, offset: 0, address, length: 7, flags: 0 }, 2 ** 31));
    const results = takeAll(ring, 4);
    assert.deepEqual(
      [2, 3, 4, 2 ** 31].map((tag) => results.get(tag)),
      [0, 0, 12, -ERRNO.EBADF],
    );
    assert.equal(Buffer.from(memory.bytes.subarray(PAGE, PAGE + 12)).toString(), '\0\0\0\0\0written');
    assert.equal(readFileSync(file, 'latin1'), '\0\0\0\0\0written');
    closeSync(fd);
  }));

test('each result comes once, with its tag, however often the ring goes round', (t) =>
  withRing(t, (ring, memory, file) => {
    writeFileSync(file, Buffer.alloc(1000));
    const fd = openSync(file, 'r');
    for (let round = 0; round < 1000; round++) {
      const tags = Array.from({ length: 1 + (round % (2 * ENTRIES)) }, (_, index) => index);
      for (const tag of tags) {
        const call = { opcode: READ, fd, offset: 1000 - tag, address: memory.address, length: 100, flags: 0 };
        assert.ok(ring.begin(call, tag));
      }
      const results = takeAll(ring, tags.length);
      assert.deepEqual(
        [...results].sort(([one], [other]) => one - other),
        tags.map((tag) => [tag, tag]),
      );
      assert.equal(
        ring.take(() => assert.fail('no call has this result')),
        false,
      );
    }
    closeSync(fd);
  }));

test('its descriptor is readable when there is a result, and not before', (t) =>
  withRing(t, (ring, memory) => {
    const [reading, writing] = openPipe();
    using epoll = new Epoll();
    epoll.watch(ring.number, EPOLLIN);
    ring.begin({ opcode: READ, fd: reading, offset: 0, address: memory.address, length: 1, flags: 0 }, 1);
    assert.equal(epoll.wait(0), false);
    assert.equal(
      ring.take(() => assert.fail('nothing was written')),
      false,
    );
    trySyscall(SYS.write, writing, new Uint8Array(1), 1);
    assert.equal(epoll.wait(), true);
    const results: Results = new Map();
    while (!ring.take((tag, result) => results.set(tag, result)));
    assert.deepEqual([...results], [[1, 1]]);
    assert.equal(epoll.wait(0), false);
    closeSync(reading);
    closeSync(writing);
  }));
