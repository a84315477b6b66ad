import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LATER, type Parked, type Parking, type Reply, type Request, type Resume } from '@ordeal/fuse';
import { onceAsleep } from './once-asleep.js';

const identity = { resume: () => undefined };

test('a thread that does not sleep yet is looked at again later, and nobody waits for it', async () => {
  const child = spawn('sh', ['-c', 'echo; while :; do :; done'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    const pid = child.pid ?? -1;
    const request = { pid } as Request;
    const parked: Resume[] = [];
    const parking: Parking = {
      park: (_request, _milliseconds, resume) => {
        parked.push(resume);
        return {} as Parked;
      },
      hasten: () => undefined,
    };
    const resume = (occasion: 'due' | 'signal') => parked.shift()?.(request, {} as Reply, occasion);
    const answer = () => -7;
    assert.equal(onceAsleep(identity, request, parking, answer), LATER);
    assert.equal(resume('due'), LATER);
    assert.equal(resume('signal'), -7);
    assert.equal(onceAsleep(identity, request, parking, answer), LATER);
    child.kill('SIGSTOP');
    while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')))
      await new Promise(setImmediate);
    assert.equal(resume('due'), -7);
    assert.deepEqual(parked, []);
    // One that is gone, or cannot be seen, is not waited for.
    assert.equal(onceAsleep(identity, { pid: 0 } as Request, parking, answer), -7);
  } finally {
    child.kill('SIGKILL');
  }
});
