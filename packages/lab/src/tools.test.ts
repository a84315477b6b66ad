import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnsupportedError } from '@ordeal/diagnostics';
import { aptFraction } from './apt-get.js';
import { requireSupportedHost } from './supported-host.js';

test('downloading is the first half of apt-get, installing the second', () => {
  assert.equal(aptFraction('dlstatus:1:50.0:Retrieving file 1 of 2'), 0.25);
  assert.equal(aptFraction('pmstatus:flex:50.0:Unpacking flex (amd64)'), 0.75);
  assert.equal(aptFraction('media-change: x:y:z'), undefined);
});

test('other architectures are refused by name', () => {
  assert.throws(() => requireSupportedHost('linux', 'arm64'), UnsupportedError);
  assert.throws(() => requireSupportedHost('darwin', 'x64'), /darwin on x64/);
  requireSupportedHost('linux', 'x64');
});
