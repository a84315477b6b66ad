import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { withRules } from './testing/with-rules.js';

test('bytes of another block, and single bits: the real file stays whole', () =>
  withRules(
    [
      {
        action: 'mistake',
        path: '/data/misplaced',
        methods: ['read'],
        mistake: { filling: 'misplaced', maxOccurrences: 1, maxLength: 1 },
      },
      {
        action: 'mistake',
        path: '/data/flipped',
        methods: ['read'],
        mistake: { filling: 'flip', maxOccurrences: 1, maxLength: 1 },
      },
    ],
    (volume, path) => {
      const blocks = Buffer.concat([Buffer.alloc(4096, 'a'), Buffer.alloc(4096, 'b')]);
      for (const name of ['misplaced', 'flipped']) fs.writeFileSync(`${volume.original}/${name}`, blocks);
      const first = Buffer.alloc(4096);
      const fd = fs.openSync(`${path}/misplaced`, 'r');
      fs.readSync(fd, first, 0, 4096, 0);
      fs.closeSync(fd);
      assert.equal(first.filter((byte) => byte === 0x62).length, 1);
      const flipped = fs.readFileSync(`${path}/flipped`);
      const changed = [...flipped].map((byte, at) => byte ^ (blocks[at] ?? 0)).filter((bits) => bits !== 0);
      assert.ok(changed.length > 0 && changed.every((bits) => (bits & (bits - 1)) === 0));
      for (const name of ['misplaced', 'flipped'])
        assert.deepEqual(fs.readFileSync(`${volume.original}/${name}`), blocks);
    },
  ));

test('what was there before the last write, where something was', () =>
  withRules(
    [
      {
        action: 'mistake',
        methods: ['read'],
        mistake: { filling: 'stale', maxOccurrences: 1, maxLength: 1 },
      },
    ],
    (volume, path) => {
      fs.writeFileSync(`${volume.original}/other`, 'a'.repeat(4096));
      const fd = fs.openSync(`${path}/other`, 'r+');
      const now = () => readOf(fd);
      assert.equal(now().includes('b'), false);
      fs.writeSync(fd, 'b'.repeat(4096), 0);
      assert.equal(now().replaceAll('b', ''), 'a');
      fs.writeSync(fd, 'c'.repeat(4096), 0);
      assert.equal(now().replaceAll('c', ''), 'b');
      fs.closeSync(fd);
      assert.equal(fs.readFileSync(`${volume.original}/other`, 'utf8'), 'c'.repeat(4096));
    },
  ));

test('damage that stays until it is overwritten', () =>
  withRules(
    [
      {
        action: 'mistake',
        methods: ['read'],
        trigger: { times: 1 },
        mistake: { filling: 'sticky', maxOccurrences: 1, maxLength: 1 },
      },
    ],
    (volume, path) => {
      const whole = 'a'.repeat(4096);
      fs.writeFileSync(`${volume.original}/other`, whole);
      const fd = fs.openSync(`${path}/other`, 'r+');
      const first = readOf(fd);
      const at = [...first].findIndex((letter) => letter !== 'a');
      assert.ok(at >= 0);
      assert.equal(readOf(fd), first);
      assert.equal(fs.readFileSync(`${path}/other`, 'latin1'), first);
      assert.equal(fs.readFileSync(`${volume.original}/other`, 'latin1'), whole);
      fs.writeSync(fd, 'a', at);
      assert.equal(readOf(fd), whole);
      fs.closeSync(fd);
    },
  ));

function readOf(fd: number): string {
  const bytes = Buffer.alloc(4096);
  return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, 4096, 0));
}
