import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cacheDirectory } from './paths.js';

test('the cache follows ORDEAL_CACHE, then XDG_CACHE_HOME, then home', () => {
  assert.equal(cacheDirectory({ ORDEAL_CACHE: '/c', XDG_CACHE_HOME: '/x' }), '/c');
  assert.equal(cacheDirectory({ XDG_CACHE_HOME: '/x' }), '/x/ordeal');
  assert.match(cacheDirectory({}), /\/\.cache\/ordeal$/);
});
