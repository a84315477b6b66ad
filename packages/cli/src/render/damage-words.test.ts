import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { damageWords } from './damage-words.js';

type Filling = NonNullable<IOChaosSpec['mistake']>['filling'];

const words = (filling: Filling, methods: IOChaosSpec['methods'] = []) =>
  damageWords(
    { methods, mistake: { filling, maxOccurrences: 1, maxLength: 1 } } as unknown as IOChaosSpec,
    'under /data',
  );

test('damage is described by what the bytes become', () => {
  assert.equal(words('zero'), 'bytes of read, write under /data are damaged: they become zeros');
  assert.equal(words('flip', ['write']), 'bytes of write under /data are damaged: each has one bit flipped');
});

test('some damage is of reads alone', () => {
  assert.equal(words('stale'), 'bytes of read under /data are damaged: they are those before the last write');
  assert.equal(
    words('sticky', ['read', 'write']),
    'bytes of read under /data are damaged: each has one bit flipped, the same at every read until it is overwritten',
  );
  assert.equal(words('misplaced', ['write']), 'nothing under /data is damaged: misplaced is for reads');
});
