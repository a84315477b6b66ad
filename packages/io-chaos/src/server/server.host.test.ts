import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sendSignal } from '@ordeal/linux';
import { halting } from '../testing/halting.js';
import { eventually } from '../testing/target.js';

/** Arguments: a command. It gets the pid of this shell as one more, and runs when this shell has been reaped. */
const ORPHAN = '( while kill -0 $$ 2>/dev/null; do :; done; exec "$@" $$ ) &';
const SERVER = fileURLToPath(new URL('../programs/server.cjs', import.meta.url));

test('a server that is killed leaves nothing, even if its keeper died before it had started', async () => {
  const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
  const env = { ...process.env, ORDEAL_RUN: run, ...halting('server: started') };
  try {
    const shell = spawn('sh', ['-c', ORPHAN, 'sh', process.execPath, SERVER], {
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    await once(shell, 'exit');
    await eventually('the server halts', () => readdirSync(run).includes('halted'));
    const server = Number.parseInt(readFileSync(join(run, 'halted'), 'latin1'), 10);
    sendSignal(server, 'SIGKILL');
    await eventually('all processes end', () => livingOf(run).length === 0);
    assert.ok(server > 0);
  } finally {
    for (const pid of livingOf(run)) sendSignal(pid, 'SIGKILL');
    rmSync(run, { recursive: true });
  }
});

/** The processes with that run directory: also one that keeps descriptors, which has the server's memory. */
function livingOf(run: string): number[] {
  const living = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`ORDEAL_RUN=${run}\0`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter(living)
    .map(Number);
}
