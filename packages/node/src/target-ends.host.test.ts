import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { leakedFds, traceFds } from '@ordeal/linux';
import type { RunEvent } from './run-event.js';
import { processTarget } from './target.js';
import { endOf, TargetEnds } from './target-ends.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

test('the status of a process is described', () => {
  assert.deepEqual(endOf(0x700), { exitCode: 7, signal: undefined });
  assert.deepEqual(endOf(6), { exitCode: undefined, signal: 'SIGABRT' });
  assert.deepEqual(endOf(0x86), { exitCode: undefined, signal: 'SIGABRT' }, 'with a core dump');
});

test('the ended processes of a target are reported with their status', async () => {
  const script = 'sleep 600 & read _; kill -ABRT $!; wait $!; sh -c "exit 9"; sh -c "exit 9"; exit 5';
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const pid = child.pid ?? -1;
  const events: RunEvent[] = [];
  const ends = new TargetEnds((event) => events.push(event));
  try {
    ends.add([processTarget(pid)]);
    child.stdin.end('go\n');
    await once(child, 'exit');
    ends.report();
    ends.report();
    const own = events.find((event) => event.type === 'process-ended' && event.pid === pid);
    assert.ok(own?.type === 'process-ended');
    const reports = events.flatMap((event) => (event.type === 'processes-ended' ? [event] : []));
    assert.equal(reports.length, 1, 'told once');
    // Without CAP_NET_ADMIN on the host, only the fact that it has ended is known.
    if (own.exitCode === undefined) return;
    assert.equal(own.exitCode, 5);
    const ended = reports.flatMap((report) => report.ended);
    assert.equal(ended.find(({ signal }) => signal === 'SIGABRT')?.count, 1);
    assert.equal(
      ended.filter(({ exitCode }) => exitCode === 9).reduce((sum, { count }) => sum + count, 0),
      2,
    );
  } finally {
    ends.close();
    child.kill('SIGKILL');
  }
});
