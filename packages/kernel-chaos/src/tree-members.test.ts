import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTree } from './tree-members.js';

test('children forked between a reading and their parent becoming a member are found, generation by generation', () => {
  const members = new Set<number>();
  const tree = [1, 2];
  addTree(
    1,
    () => [...tree],
    () => true,
    {
      add(pid) {
        // Process N forks N + 1 just before it is added, so that the fork program does not see it.
        if (pid >= 2 && pid < 6) tree.push(pid + 1);
        members.add(pid);
      },
      remove: (pid) => members.delete(pid),
    },
  );
  assert.deepEqual([...members], [1, 2, 3, 4, 5, 6]);
});

test('a process that ended before it was added is no member', () => {
  const members = new Set<number>();
  addTree(
    1,
    () => [1, 2, 3],
    (pid) => pid !== 2,
    { add: (pid) => members.add(pid), remove: (pid) => members.delete(pid) },
  );
  assert.deepEqual([...members], [1, 3]);
});
