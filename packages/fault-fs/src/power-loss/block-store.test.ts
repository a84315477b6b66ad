import assert from 'node:assert/strict';
import { openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BlockStore } from './block-store.js';
import { BLOCK } from './unsynced-file.js';

const block = (content: string) => Buffer.alloc(BLOCK, content);

test('blocks are in memory first, then in the file, and both are used again', () => {
  const path = join(tmpdir(), `ordeal-blocks-${process.pid}`);
  let opened = 0;
  const store = new BlockStore(2 * BLOCK, () => {
    opened++;
    return openSync(path, 'w+');
  });
  try {
    assert.ok(store.hasRoom(2));
    const [one, two] = [store.add(block('one')), store.add(block('two'))];
    assert.equal(opened, 0);
    const three = store.add(block('three'));
    assert.equal(opened, 1);
    assert.deepEqual(store.bytes, { memory: 2 * BLOCK, file: BLOCK });
    assert.deepEqual(
      [one, two, three].map((each) => Buffer.from(store.read(each)).toString('utf8', 0, 3)),
      ['one', 'two', 'thr'],
    );
    store.drop(one);
    assert.equal(store.add(block('four')), one);
    store.drop(three);
    assert.deepEqual(store.bytes, { memory: 2 * BLOCK, file: 0 });
  } finally {
    store.close();
    rmSync(path);
  }
});

test('without a file there is as much room as memory', () => {
  const store = new BlockStore(BLOCK, () => -95);
  assert.ok(store.hasRoom(1) && !store.hasRoom(2));
  store.add(block('one'));
  assert.throws(() => store.add(block('two')), /no room/);
});
