import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { O_PATH } from './fcntl-flags.js';
import { openPath } from './open-file.js';
import { isSocketBoundTo, parseUnixSockets, readUnixSockets, type UnixSocket } from './unix-sockets.js';

const HEADER = 'Num       RefCount Protocol Flags    Type St Inode Path\n';

/** As unix_seq_show does, net/unix/af_unix.c. */
function format(socket: UnixSocket | undefined): string {
  const flags = socket?.listening ? '00010000' : '00000000';
  const inode = String(socket?.inode ?? 7).padStart(5);
  return `00000000abcdef01: 00000002 00000000 ${flags} 0001 01 ${inode}${socket ? ` ${socket.path}` : ''}\n`;
}

const sockets = fc.array(
  fc.option(
    fc.record(
      {
        inode: fc.nat(),
        path: fc
          .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 3 })
          .map((lines) => `/${lines.join('\n')}`),
        listening: fc.boolean(),
      },
      { noNullPrototype: true },
    ),
    { nil: undefined },
  ),
);

test('any sockets, bound or not, with any paths, newlines too', () => {
  fc.assert(
    fc.property(sockets, (all) => {
      const text = `${HEADER}${all.map(format).join('')}`;
      assert.deepEqual(
        parseUnixSockets(text),
        all.filter((each) => each !== undefined),
      );
    }),
  );
});

test('any text is parsed, and every path that is told is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const { path } of parseUnixSockets(`${HEADER}${text}`)) assert.ok(text.includes(path));
    }),
  );
});

test('a listening socket of this process is among those of the kernel', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-unix-'));
  const path = join(directory, 'a socket');
  const server = createServer();
  try {
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const found = readUnixSockets().find((each) => each.path === path);
    assert.equal(found?.listening, true);
    const isBound = () => {
      const file = openPath(path, O_PATH);
      try {
        return isSocketBoundTo(file.number);
      } finally {
        file.close();
      }
    };
    assert.equal(isBound(), true);
    renameSync(path, `${path}.old`);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    renameSync(`${path}.old`, path);
    assert.equal(isBound(), false);
  } finally {
    server.close();
    rmSync(directory, { recursive: true });
  }
});
