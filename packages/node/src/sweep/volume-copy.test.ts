import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { VolumeCopy } from './volume-copy.js';

test('whatever becomes of a directory, it can be what it was', () => {
  const root = mkdtempSync(join(tmpdir(), 'ordeal-copy-'));
  try {
    const at = (name: string) => join(root, name);
    mkdirSync(at('d'));
    writeFileSync(at('d/inner'), 'inner');
    writeFileSync(at('written'), 'before');
    writeFileSync(at('mode'), '');
    writeFileSync(at('kind'), 'a file');
    writeFileSync(Buffer.from(`${root}/\xff`, 'latin1'), 'no UTF-8');
    symlinkSync('written', at('link'));
    utimesSync(at('written'), 1e9, 1e9);
    const names = readdirSync(root, { encoding: 'latin1' });
    const copy = new VolumeCopy(root, root);
    for (let round = 0; round < 2; round++) {
      rmSync(at('d'), { recursive: true });
      // As long as before.
      writeFileSync(at('written'), 'AFTER!');
      chmodSync(at('mode'), 0o600);
      rmSync(at('kind'));
      mkdirSync(at('kind'));
      writeFileSync(at('kind/new'), '');
      rmSync(Buffer.from(`${root}/\xff`, 'latin1'));
      rmSync(at('link'));
      symlinkSync('elsewhere', at('link'));
      writeFileSync(at('new'), '');
      copy.restore();
      assert.deepEqual(readdirSync(root, { encoding: 'latin1' }), names);
      assert.equal(readFileSync(at('written'), 'utf8'), 'before');
      assert.equal(statSync(at('written')).mtimeMs, 1e12);
      assert.equal(readFileSync(at('d/inner'), 'utf8'), 'inner');
      assert.equal(statSync(at('mode')).mode & 0o777, 0o644);
      assert.equal(readFileSync(at('kind'), 'utf8'), 'a file');
      assert.equal(readlinkSync(at('link')), 'written');
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});
