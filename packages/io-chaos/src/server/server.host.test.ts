import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sendSignal } from '@ordeal/linux';
import { halting } from '../testing/halting.js';
import { haltedOf, processesOf } from '../testing/processes-of-run.js';
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
    await eventually('the server halts', () => haltedOf(run) !== undefined);
    const server = haltedOf(run) ?? 0;
    assert.ok(server > 0);
    sendSignal(server, 'SIGKILL');
    await eventually('all processes end', () => processesOf(run).length === 0);
  } finally {
    for (const pid of processesOf(run)) sendSignal(pid, 'SIGKILL');
    rmSync(run, { recursive: true });
  }
});
