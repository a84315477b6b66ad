import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Status } from './status.js';
import type { Applied } from './supervisor.js';
import { eventually } from './testing/eventually.js';
import { processesOf, VolumeWriter } from './testing/volume-writer.js';

const program = fileURLToPath(new URL('./testing/holding-program.js', import.meta.url));

/** A supervisor in a process of its own. */
class SupervisorProcess {
  readonly child: ChildProcess;
  status: Status | undefined;

  constructor(run: string, applied?: Applied) {
    const journal = join(run, 'supervisor');
    this.child = spawn(process.execPath, [program, journal, applied ? JSON.stringify(applied) : ''], {
      env: { ...process.env, ORDEAL_RUN: run },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!this.child.stdout) throw new Error('no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.status = JSON.parse(line) as Status;
    });
  }

  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** Keepers, servers and their processes, by program. */
function held(run: string, pattern: RegExp): number[] {
  return processesOf(run).filter((pid) => pattern.test(commandOf(pid)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

for (const [victims, pattern] of [
  ['the supervisor', /holding-program/],
  ['the supervisor and its keepers', /holding-program|keeper/],
  ['everything of Ordeal', /./],
] as const) {
  test(`kill -9 of ${victims}: the next one undoes what is left and continues`, async () => {
    const writer = new VolumeWriter();
    const run = mkdtempSync(join(tmpdir(), 'ordeal-killed-'));
    mkdirSync(join(run, 'supervisor'));
    const deadline = Date.now() + 3_600_000;
    const first = new SupervisorProcess(run, { ...writer.badWrites, deadline });
    try {
      await writer.fails('write EIO');
      const ended = once(first.child, 'exit');
      for (const pid of held(run, pattern)) process.kill(pid, 'SIGKILL');
      await ended;
      const second = new SupervisorProcess(run);
      await eventually('it is armed again', () => second.status?.phase === 'active');
      assert.equal(second.status?.deadline, deadline);
      await writer.fails('write EIO');
      await second.end();
      await writer.becomesBare();
      await eventually('all its processes end', () => processesOf(run).length === 0);
    } finally {
      for (const pid of processesOf(run)) process.kill(pid, 'SIGKILL');
      await writer.close();
      rmSync(run, { recursive: true });
    }
  });
}
