import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { withRules } from './testing/with-rules.js';

/** Reads 4096 bytes of a file in so many threads at a time. */
const script = `
import os, sys, threading
fd = os.open(sys.argv[1], os.O_RDONLY)
threads = [threading.Thread(target=os.pread, args=(fd, 4096, 0)) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

test('what is beyond a limit waits, without holding up others', () =>
  withRules(
    // One block takes longer than any test.
    [{ action: 'limit', methods: ['read'], path: '/data/file', limit: { bytesPerSecond: 1 } }],
    async (volume, path) => {
      fs.writeFileSync(`${volume.original}/file`, Buffer.alloc(4096));
      const client = spawn('python3', ['-c', script, `${path}/file`, '5'], { stdio: 'inherit' });
      const ended = once(client, 'exit');
      await volume.untilParked(4);
      fs.writeFileSync(`${path}/other`, 'other');
      assert.equal(fs.readFileSync(`${path}/other`, 'utf8'), 'other');
      const { counts } = await volume.command('status');
      // The first one had the disk for itself.
      assert.deepEqual(counts, [{ reached: 5, fired: 4 }]);
      await volume.command('disable');
      assert.deepEqual(await ended, [0, null]);
    },
  ));

test('requests within a limit are carried out, one after the other', () =>
  withRules([{ action: 'limit', limit: { operationsPerSecond: 1000 } }], (_, path) => {
    for (let count = 0; count < 10; count++) {
      fs.writeFileSync(`${path}/file`, `${count}`);
      assert.equal(fs.readFileSync(`${path}/file`, 'utf8'), `${count}`);
    }
  }));
