import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { ServedVolume } from './testing/served-volume.js';

const WAITING = 1000;

/** Reads one file by so many threads at a time, and prints how many read it. */
const script = `
import os, sys, threading
done = []
def read():
    fd = os.open(sys.argv[1], os.O_RDONLY)
    done.append(os.pread(fd, 10, 0) == b"slow")
    os.close(fd)
threading.stack_size(65536)
threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(done.count(True))
`;

test('a thousand delayed requests hold up nobody, and all go on in the end', async () => {
  const rule = { action: 'latency', path: '/data/slow', methods: ['read'], milliseconds: 60_000 } as const;
  const volume = await ServedVolume.start(tmpdir(), { rules: [rule], enabled: true });
  try {
    fs.writeFileSync(`${volume.original}/slow`, 'slow');
    const client = spawn('python3', ['-c', script, `${volume.mounted}/slow`, String(WAITING)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    client.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const ended = once(client, 'close');
    await volume.untilParked(WAITING);
    for (let index = 0; index < 500; index++) {
      fs.writeFileSync(`${volume.mounted}/other`, `${index}`);
      assert.equal(fs.readFileSync(`${volume.mounted}/other`, 'utf8'), `${index}`);
    }
    assert.equal((await volume.command('status')).parked, WAITING);
    await volume.command('disable');
    await ended;
    assert.equal(output, `${WAITING}\n`);
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
  }
});
