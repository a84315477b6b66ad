import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openPath, pageSize } from '@ordeal/linux';
import { parseMaps } from './proc-text.js';
import { TwoMounts } from './testing/two-mounts.js';
import { UnwrittenPages } from './unwritten-pages.js';

/** Sets this process's limit for the size of files, in bytes. */
const limitFileSize = (limit: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:`]);

test('a page that can be saved only in part is refused', async () => {
  const mounts = new TwoMounts();
  // Beyond the limit this signal comes, which would end the process.
  const ignore = () => undefined;
  process.on('SIGXFSZ', ignore);
  try {
    const [mapped, saved] = [mounts.path('files', 'mapped'), mounts.path('files', 'saved')];
    writeFileSync(mapped, Buffer.alloc(pageSize(), 'x'));
    writeFileSync(saved, '');
    truncateSync(saved, pageSize());
    const puppet = await mounts.startPuppet();
    await puppet.run(`
import mmap
with open(${JSON.stringify(mapped)}, "r+b") as file: memory = mmap.mmap(file.fileno(), 0)
memory[0:1] = b"y"
`);
    const mapping = parseMaps(readFileSync(`/proc/${puppet.pid}/maps`, 'latin1')).find(({ path }) =>
      path.endsWith('/mapped'),
    );
    assert.ok(mapping);
    const file = openPath(saved, constants.O_RDWR);
    const save = () =>
      new UnwrittenPages('differing').save(puppet.pid, { ...mapping, flags: new Set() }, file);
    try {
      limitFileSize(100);
      assert.throws(save, { code: 'EFBIG' });
      limitFileSize('unlimited');
      assert.equal(save(), pageSize());
      assert.ok(readFileSync(saved).equals(readFileSync(mapped)));
    } finally {
      limitFileSize('unlimited');
      file.close();
    }
  } finally {
    process.off('SIGXFSZ', ignore);
    mounts.close();
  }
});
