import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Asked, newToken, refusalOf } from './admission.js';

const origin = 'http://127.0.0.1:4211';
const token = newToken();
const good: Asked = { host: '127.0.0.1:4211', origin, site: 'same-origin', token };
const statusOf = (more: Partial<Asked>) => refusalOf({ ...good, ...more }, origin, token)?.status;

test('the page itself is answered, and a person who opens its address', () => {
  assert.equal(statusOf({}), undefined);
  assert.equal(statusOf({ origin: undefined, site: 'none' }), undefined);
  assert.equal(statusOf({ origin: undefined, site: undefined }), undefined);
});

test('another host, another page, a missing and a wrong token are refused', () => {
  for (const host of [undefined, '', 'evil.example:4211', '127.0.0.1', '127.0.0.1:80'])
    assert.equal(statusOf({ host }), 421);
  for (const other of ['null', 'http://evil.example', 'https://127.0.0.1:4211', 'http://127.0.0.1:80'])
    assert.equal(statusOf({ origin: other }), 403);
  for (const site of ['cross-site', 'same-site']) assert.equal(statusOf({ site }), 403);
  for (const wrong of [undefined, '', token.slice(1), `${token}a`])
    assert.equal(statusOf({ token: wrong }), 401);
});

test('no other token is taken', () => {
  fc.assert(fc.property(fc.string(), (given) => assert.equal(statusOf({ token: given }), 401)));
  assert.notEqual(newToken(), token);
});
