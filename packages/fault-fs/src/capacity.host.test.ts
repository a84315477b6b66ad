import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { withRules } from './testing/with-rules.js';

const CAPACITY = { action: 'capacity', capacity: { bytes: 8192, errno: 28 } } as const;

/** @returns the error, if any */
function code(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function free(path: string): number {
  const { bavail, bsize } = fs.statfsSync(path);
  return bavail * bsize;
}

test('after so many bytes there is no space; what is overwritten or removed needs none', () =>
  withRules([CAPACITY], async (volume, path) => {
    assert.equal(free(path), 8192);
    fs.writeFileSync(`${path}/large`, Buffer.alloc(8000));
    assert.equal(free(path), 0);
    const [first, second] = [Buffer.alloc(192), Buffer.alloc(1)];
    assert.equal(
      code(() => fs.appendFileSync(`${path}/file`, first)),
      undefined,
    );
    assert.equal(
      code(() => fs.appendFileSync(`${path}/file`, second)),
      'ENOSPC',
    );
    const fd = fs.openSync(`${path}/large`, 'r+');
    assert.equal(
      code(() => fs.writeSync(fd, Buffer.alloc(8000, 'x'), 0, 8000, 0)),
      undefined,
    );
    assert.equal(
      code(() => fs.ftruncateSync(fd, 8001)),
      'ENOSPC',
    );
    fs.ftruncateSync(fd, 4000);
    fs.closeSync(fd);
    assert.equal(
      code(() => fs.appendFileSync(`${path}/file`, Buffer.alloc(4000))),
      undefined,
    );
    fs.unlinkSync(`${path}/large`);
    assert.equal(
      code(() => fs.writeFileSync(`${path}/again`, Buffer.alloc(4001))),
      'ENOSPC',
    );
    assert.equal(
      code(() => fs.writeFileSync(`${path}/again`, Buffer.alloc(4000))),
      undefined,
    );
    const { counts } = await volume.command('status');
    assert.equal(counts[0]?.fired, 3);
    await volume.command('disable');
    fs.appendFileSync(`${path}/file`, 'there is space');
    assert.ok(free(path) > 8192);
  }));

test('files that the pattern does not match are no part of a quota', () =>
  withRules([{ ...CAPACITY, path: '/data/log/.*', capacity: { bytes: 0, errno: 122 } }], (volume, path) => {
    fs.mkdirSync(`${volume.original}/log`);
    // Node has no name for EDQUOT.
    assert.match(code(() => fs.writeFileSync(`${path}/log/a`, 'x')) ?? '', /EDQUOT|122/);
    fs.writeFileSync(`${path}/other`, 'x');
    assert.equal(fs.readFileSync(`${path}/other`, 'utf8'), 'x');
  }));
