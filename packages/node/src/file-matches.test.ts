import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compileGlob, type Glob } from '@ordeal/experiment';
import { fileMatches, treeMatches } from './file-matches.js';

const root = mkdtempSync(join(tmpdir(), 'ordeal-file-matches-'));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'volume/wal'), { recursive: true });
mkdirSync(join(root, 'volume/base'));
writeFileSync(join(root, 'volume/wal/0001'), '');
writeFileSync(join(root, 'outside.log'), '');
symlinkSync(root, join(root, 'volume/up'));

function glob(pattern: string): Glob {
  const parsed = compileGlob(pattern);
  assert.ok(parsed.ok);
  return parsed.value;
}

test('files and directories are found by their path for the process, links are not followed', () => {
  const found = (pattern: string) => treeMatches(join(root, 'volume'), '/data', glob(pattern));
  assert.equal(found('/data/wal/*'), true);
  assert.equal(found('/data/b*'), true);
  assert.equal(found('/data'), true);
  assert.equal(found('/data/**/0001'), true);
  assert.equal(found('/data/*.log'), false);
  assert.equal(found('/data/**/*.log'), false);
});

test('a search that was cut off has no answer, and only directories that could match cost something', () => {
  for (let index = 0; index < 50; index++) writeFileSync(join(root, `volume/base/${index}`), '');
  const found = (pattern: string) => treeMatches(join(root, 'volume'), '/data', glob(pattern), 20);
  assert.equal(found('/data/base/x*'), undefined);
  assert.equal(found('/data/wal/x*'), false);
});

test('a volume is looked at as a process sees it', () => {
  const volumePath = join(root, 'volume');
  const found = (pattern: string) =>
    fileMatches(root, { volumePath, path: glob(volumePath + pattern) }, [process.pid]);
  assert.equal(found('/wal/0001'), true);
  assert.equal(found('/wal/0002'), false);
  assert.equal(fileMatches(root, { volumePath, path: undefined }, [process.pid]), undefined);
  const gone = join(root, 'gone');
  assert.equal(fileMatches(root, { volumePath: gone, path: glob(`${gone}/*`) }, [process.pid]), undefined);
});
