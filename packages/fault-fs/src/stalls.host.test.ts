import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { withRules } from './testing/with-rules.js';

const DAY = 24 * 60 * 60_000;

/** Reads a file in so many threads at a time. */
const script = `
import sys, threading
def read():
    with open(sys.argv[1]) as file: file.read()
threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
`;

test('in a pause all matching requests wait, and no others', () =>
  withRules(
    [
      {
        action: 'latency',
        path: '/data/file',
        methods: ['read'],
        milliseconds: 0,
        stall: { for: DAY, every: 2 * DAY },
      },
    ],
    async (volume, path) => {
      const client = spawn('python3', ['-c', script, `${path}/file`, '20'], { stdio: 'inherit' });
      const ended = once(client, 'exit');
      await volume.untilParked(20);
      fs.writeFileSync(`${path}/other`, 'other');
      assert.equal(fs.readFileSync(`${path}/other`, 'utf8'), 'other');
      await volume.command('disable');
      assert.deepEqual(await ended, [0, null]);
    },
  ));

test('delays are drawn for each request, and a pause ends', () =>
  withRules(
    [
      { action: 'latency', methods: ['read'], milliseconds: 0, stall: { for: 50, every: DAY } },
      {
        action: 'latency',
        methods: ['read'],
        milliseconds: 2,
        spread: { jitter: 1, distribution: 'pareto', correlation: 0.5 },
        trigger: { seed: 7 },
      },
    ],
    async (volume, path) => {
      for (let count = 0; count < 20; count++) {
        assert.equal(fs.readFileSync(`${path}/file`, 'utf8'), 'content');
      }
      const { counts } = await volume.command('status');
      assert.equal(counts[1]?.fired, counts[1]?.reached);
    },
  ));
