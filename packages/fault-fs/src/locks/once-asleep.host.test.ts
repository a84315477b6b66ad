import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LATER, type Parked, type Parking, type Reply, type Request, type Resume } from '@ordeal/fuse';
import { onceAsleep, type WaitingThread } from './once-asleep.js';

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
    const answer = (_request: Request, { interrupted }: WaitingThread) => (interrupted ? -8 : -7);
    assert.equal(onceAsleep(identity, request, parking, answer), LATER);
    assert.equal(resume('due'), LATER);
    // A signal wakes it, but it sleeps again until the answer comes.
    assert.equal(resume('signal'), LATER);
    assert.equal(resume('due'), LATER);
    child.kill('SIGSTOP');
    while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')))
      await new Promise(setImmediate);
    assert.equal(resume('due'), -8);
    assert.deepEqual(parked, []);
    assert.equal(onceAsleep(identity, request, parking, answer), -7);
    // One that is gone, or cannot be seen, is not waited for.
    assert.equal(onceAsleep(identity, { pid: 0 } as Request, parking, answer), -7);
  } finally {
    child.kill('SIGKILL');
  }
});
