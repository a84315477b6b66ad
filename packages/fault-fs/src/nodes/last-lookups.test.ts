import assert from 'node:assert/strict';
import { test } from 'node:test';
import { S } from '../backing/file-flags.js';
import { LastLookups } from './last-lookups.js';
import { Node } from './node.js';

const [one, other] = [2, 3].map((id) => new Node(id, 1, 1, id, S.IFDIR)) as [Node, Node];

test('the last two lookups are known once, by directory and name', () => {
  const last = new LastLookups();
  assert.equal(last.take(one, 'a'), undefined);
  last.found(one, 'a', 10);
  assert.equal(last.take(one, 'a'), 10);
  assert.equal(last.take(one, 'a'), undefined);
  last.found(one, 'a', 10);
  last.found(other, 'b', 0);
  assert.equal(last.take(one, 'a'), 10);
  assert.equal(last.take(other, 'b'), undefined);
});

test('of two lookups of a name the later one counts', () => {
  const last = new LastLookups();
  last.found(one, 'a', 10);
  last.found(one, 'a', 0);
  assert.equal(last.take(one, 'a'), 0);
});

test('after two other lookups, or for another name, nothing is known', () => {
  const last = new LastLookups();
  last.found(one, 'a', 10);
  last.found(other, 'a', 11);
  last.found(other, 'b', 12);
  assert.equal(last.take(one, 'a'), undefined);
  last.found(one, 'a', 10);
  assert.equal(last.take(one, 'b'), undefined);
  assert.equal(last.take(one, 'a'), undefined);
});
