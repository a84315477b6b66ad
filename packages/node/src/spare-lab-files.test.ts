import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detachedText, type Frame } from '@ordeal/experiment';
import { spareLabFiles } from './spare-lab-files.js';
import { EVERY_SLAB_ALLOCATION } from './sweep/sweep-request.js';

const frame = (funcname: string | undefined, predicate: string | undefined): Frame => ({
  funcname,
  parameters: undefined,
  predicate,
  source: {
    funcname: undefined,
    parameters: undefined,
    predicate: predicate === undefined ? undefined : detachedText(predicate),
  },
});

test('allocations of the lab are spared by a predicate on the fault point, after the chain', () => {
  const chain = spareLabFiles({
    ...EVERY_SLAB_ALLOCATION,
    callchain: [frame('do_mount', undefined)],
  }).callchain;
  assert.equal(chain.length, 2);
  assert.equal(chain[1]?.funcname, undefined);
  assert.match(chain[1]?.predicate ?? '', /^!STRCMP\(s->name, "p9_req_t"\) && /);
});

test('an existing predicate must hold, too', () => {
  const { callchain } = spareLabFiles({
    ...EVERY_SLAB_ALLOCATION,
    callchain: [frame(undefined, 's->size == 192 || 0')],
  });
  assert.equal(callchain.length, 1);
  assert.match(callchain[0]?.predicate ?? '', /^\(s->size == 192 \|\| 0\) && !STRCMP/);
  assert.equal(callchain[0]?.source.predicate?.text, callchain[0]?.predicate);
});

test('block I/O is unchanged', () => {
  const request = { ...EVERY_SLAB_ALLOCATION, failtype: 2 } as const;
  assert.equal(spareLabFiles(request), request);
});
