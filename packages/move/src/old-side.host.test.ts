import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { O_PATH, openPath } from '@ordeal/linux';
import { openMapped, surveyMappings } from './mapping-survey.js';
import { OldSide } from './old-side.js';
import { TwoMounts } from './testing/two-mounts.js';

const PROGRAM =
  'import mmap, os, signal, sys; memory = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 4096); signal.pause()';

test('mappings and names are found while the mount is taken off its place', async () => {
  const mounts = new TwoMounts();
  try {
    const file = mounts.path('old', 'file');
    writeFileSync(file, Buffer.alloc(4096));
    const pid = mounts.start('python3', '-c', PROGRAM, file);
    while (!readFileSync(`/proc/${pid}/maps`, 'latin1').includes(file)) await sleep(10);
    const root = openPath(mounts.path('old'), O_PATH);
    const oldSide = new OldSide(root.number, undefined, true);
    const look = () =>
      surveyMappings(pid, oldSide, false).moving.map((mapping) => {
        const opened = openMapped(pid, mapping);
        const name = opened && oldSide.nameOf(opened.fd.number)?.toString();
        opened?.fd.close();
        return name;
      });
    assert.deepEqual(look(), ['file']);
    execFileSync('umount', ['--lazy', mounts.path('old')]);
    execFileSync('mount', ['--bind', mounts.path('new'), mounts.path('old')]);
    assert.ok(!readFileSync(`/proc/${pid}/maps`, 'latin1').includes(file));
    assert.deepEqual(look(), ['file']);
    root.close();
  } finally {
    mounts.close();
  }
});
