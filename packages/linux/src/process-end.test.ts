import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { ProcessEnd } from './process-end.js';

test('the end of a process is told, even after its parent has seen it', async () => {
  const child = spawn('sleep', ['1000000']);
  const end = new ProcessEnd(child.pid ?? -1);
  assert.equal(end.reached, false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(end.reached, true);
  assert.equal(end.reached, true);
  end.close();
  assert.throws(() => new ProcessEnd(child.pid ?? -1), { errno: 3 });
});
