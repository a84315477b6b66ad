import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelCommandLine, quote } from './kernel-command-line.js';

test('init comes last, and is quoted if its path has a space', () => {
  const line = kernelCommandLine({
    initPath: '/home/a b/guest/init',
    extra: ['loglevel=7', 'note=two words'],
  });
  assert.match(line, / ro loglevel=7 note="two words" init="\/home\/a b\/guest\/init"$/);
});

test('the root is the 9p share', () => {
  assert.match(kernelCommandLine({ initPath: '/init' }), / root=lab rootfstype=9p rootflags=trans=virtio,/);
});

test('turns of the delay loop are told where they are known', () => {
  assert.doesNotMatch(kernelCommandLine({ initPath: '/init' }), /lpj/);
  assert.match(kernelCommandLine({ initPath: '/init', delayLoops: 10_384_480 }), / lpj=10384480 /);
});

test('a double quote cannot be passed and is refused', () => {
  assert.throws(() => quote('/a"b'), TypeError);
  assert.equal(quote('plain'), 'plain');
  assert.equal(quote('/two words'), '"/two words"');
});
