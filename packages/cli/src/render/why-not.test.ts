import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoIoFault } from './why-not.js';

test('a replay in which no request had a recorded number', () => {
  assert.match(whyNoIoFault({ fired: 0n, reached: 4n }, { action: 'fault' }, [9]) ?? '', /and there were 4$/);
});

test('a power loss without a cut names the command that cuts', () => {
  const never = { fired: 0n, reached: 0n };
  assert.equal(whyNoIoFault(never, { action: 'powerLoss' }), 'the power was not cut: see ordeal cut');
  assert.equal(whyNoIoFault(never, { action: 'fault' }), 'no request matched');
  assert.equal(whyNoIoFault({ fired: 1n, reached: 1n }, { action: 'powerLoss' }), undefined);
});
