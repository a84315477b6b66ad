import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayLoops } from './delay-loops.js';

test('loops of the first processor, in a tick of the lab', () => {
  assert.equal(delayLoops('processor\t: 0\nbogomips\t: 5192.24\n\nbogomips\t: 1.00\n'), 10_384_480);
  assert.equal(delayLoops('processor\t: 0\n'), undefined);
});
