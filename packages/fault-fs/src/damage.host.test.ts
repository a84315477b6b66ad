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
