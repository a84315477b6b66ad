import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderIoExplanation } from './io-plan.js';

const list = (count: number, what: string) => Array.from({ length: count }, (_, index) => `${what} ${index}`);

test('a process with very many files gets a summary', () => {
  const text = renderIoExplanation({
    kind: 'IOChaos',
    name: 'slow',
    summary: 'every request under /data becomes 1s slower',
    pattern: undefined,
    durationNs: undefined,
    probabilityPercent: 100,
    after: 0,
    every: 1,
    times: 0,
    seed: undefined,
    schedule: undefined,
    moves: [
      {
        special: { files: [{ kind: 'socket', name: 'run/db.sock' }], complete: true },
        processes: [
          {
            pid: 7,
            threads: 1,
            refused: undefined,
            descriptors: list(3000, 'descriptor'),
            directories: ['the working directory'],
            mappings: list(11, 'mapping'),
            left: list(12, 'descriptor').map((what) => ({ what, reason: 'is a FIFO' })),
          },
        ],
      },
    ],
  });
  const lines = text.split('\n').map((line) => line.trim());
  assert.equal(lines.filter((line) => /^descriptor \d+$/.test(line)).length, 10);
  assert.match(text, /^ {2}notes {4}socket run\/db\.sock: /m);
  for (const summary of ['and 2 990 more descriptors', 'and 1 more mapping', 'and 2 more things that stay']) {
    assert.ok(lines.includes(summary), `${summary}\n${text}`);
  }
});
