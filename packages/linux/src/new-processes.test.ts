import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { NewProcesses } from './new-processes.js';

test('a process that has started appears once', async () => {
  const processes = new NewProcesses();
  const child = spawn('cat');
  try {
    await once(child, 'spawn');
    const { pid = -1 } = child;
    assert.ok(processes.appeared().includes(pid));
    assert.ok(!processes.appeared().includes(pid));
    assert.ok(!new NewProcesses().appeared().includes(pid), 'it was there before');
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});
