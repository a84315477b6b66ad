import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyKernelLine, endsFaults } from './kernel-watch.js';

const oomKill = (cgroup: string) =>
  `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${cgroup},task_memcg=${cgroup},task=python3,pid=4211,uid=0`;

function ended(line: string, cgroups: readonly string[]): string[] {
  const finding = classifyKernelLine(line);
  return (['kernel', 'io'] as const).filter((kind) => finding && endsFaults(finding, { kind, cgroups }));
}

test('an OOM kill of a process that is no target ends kernel faults, and no I/O faults', () => {
  assert.deepEqual(ended(oomKill('/kubepods/other'), ['/ordeal/1-0']), ['kernel']);
  assert.deepEqual(ended(oomKill('/ordeal/1-01'), ['/ordeal/1-0']), ['kernel']);
});

test('an OOM kill of a target ends nothing', () => {
  assert.deepEqual(ended(oomKill('/ordeal/1-0'), ['/ordeal/1-0']), []);
  assert.deepEqual(ended(oomKill('/ordeal/1-0/below'), ['/ordeal/1-0']), []);
});

test('an OOM kill without the name of a process ends nothing', () => {
  const line = 'Memory cgroup out of memory: Killed process 4211 (python3) total-vm:1kB, anon-rss:1kB';
  assert.deepEqual(ended(line, []), []);
});

test('an oops ends all faults, a warning none', () => {
  assert.deepEqual(ended('BUG: kernel NULL pointer dereference, address: 0000000000000000', []), [
    'kernel',
    'io',
  ]);
  assert.deepEqual(ended('WARNING: CPU: 0 PID: 1 at mm/page_alloc.c:1 f+0x1/0x2', []), []);
});
