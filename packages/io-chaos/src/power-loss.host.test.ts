import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from './owner/io-injection.js';
import { KeeperProcess } from './owner/keeper-process.js';
import { askUnsynced, cutVolumePower } from './owner/volume-power.js';

const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const keeper = new KeeperProcess(run);
after(async () => {
  await keeper.close();
  rmSync(run, { recursive: true });
});

/** Has a file open before the volume is covered; when asked, writes and syncs a line, and then writes one more. */
const script = `
import os, sys
fd = os.open("log", os.O_WRONLY | os.O_APPEND)
print("ready", flush=True)
sys.stdin.readline()
os.write(fd, b"synced\\n")
os.fsync(fd)
os.write(fd, b"unsynced\\n")
os.close(os.open("new", os.O_WRONLY | os.O_CREAT))
print("written", flush=True)
sys.stdin.readline()
`;

function spec(volumePath: string, fields: object): IOChaosSpec {
  return { methods: [], percent: 100, volumePath, ...fields } as unknown as IOChaosSpec;
}

test('a running program is killed, and its volume has what was synced', async () => {
  const volume = mkdtempSync(join(tmpdir(), 'ordeal-power-'));
  writeFileSync(join(volume, 'log'), 'before\n');
  const target = spawn('python3', ['-c', script], { cwd: volume, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(target, 'exit');
  const pid = target.pid ?? -1;
  try {
    await once(target.stdout, 'data');
    const injection = await IoInjection.arm({
      keeper,
      volumePath: volume,
      rules: [
        {
          spec: spec(volume, { action: 'powerLoss', powerLoss: { lose: 'all', metadata: 'ordered' } }),
          duration: undefined,
        },
      ],
      pid: undefined,
      note: (line) => assert.fail(line),
    });
    target.stdin.write('\n');
    await once(target.stdout, 'data');
    const report = await askUnsynced(run, { pid, path: volume });
    assert.deepEqual(
      report.files.map(({ path, size, durableSize }) => [path, size, durableSize]),
      [['/log', 23, 14]],
    );
    const cut = await cutVolumePower(run, { pid: process.pid, path: volume }, { kill: [pid] });
    const [, signal] = await ended;
    assert.equal(signal, 'SIGKILL');
    assert.deepEqual(cut.killed, [{ pid, command: 'python3' }]);
    assert.deepEqual(cut.failed, []);
    await injection.recover();
    assert.deepEqual(injection.left, []);
    assert.deepEqual(readdirSync(volume), ['log']);
    assert.equal(readFileSync(join(volume, 'log'), 'utf8'), 'before\nsynced\n');
  } finally {
    target.kill('SIGKILL');
    await ended;
    rmSync(volume, { recursive: true });
  }
});

test('without such a rule nothing is killed', async () => {
  const volume = mkdtempSync(join(tmpdir(), 'ordeal-power-'));
  try {
    await assert.rejects(cutVolumePower(run, { pid: process.pid, path: volume }, { kill: [] }), {
      code: 'ORD-718',
    });
  } finally {
    rmSync(volume, { recursive: true });
  }
});
