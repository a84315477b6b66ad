import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S } from '../backing/file-flags.js';
import { LastLookup } from './last-lookup.js';
import { Node } from './node.js';

const [one, other] = [2, 3].map((id) => new Node(id, 1, 1, id, S.IFDIR)) as [Node, Node];

test('the last lookup is known once, by its directory and name', () => {
  const last = new LastLookup();
  assert.equal(last.take(one, 'a'), undefined);
  last.found(one, 'a', 10);
  assert.equal(last.take(one, 'a'), 10);
  assert.equal(last.take(one, 'a'), undefined);
  last.found(one, 'a', 0);
  assert.equal(last.take(one, 'a'), 0);
});

test('after another lookup, or for another name, nothing is known', () => {
  const last = new LastLookup();
  last.found(one, 'a', 10);
  last.found(other, 'a', 11);
  assert.equal(last.take(one, 'a'), undefined);
  last.found(one, 'a', 10);
  assert.equal(last.take(one, 'b'), undefined);
  assert.equal(last.take(one, 'a'), undefined);
});
