// The file systems that everything is served from. All of it lives in the bench's own mount namespace.
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const IMAGE_BYTES = 2 * 2 ** 30;

/**
 * `tmpfs`, which takes O_DIRECT since Linux 6.6 and never waits; `ext4` on a loop device whose image is in memory and
 * opened with O_DIRECT where that is possible, which has real direct I/O without the noise of a disk.
 *
 * @param {string} scratch an empty directory
 * @returns {{ tmpfs: string, ext4: string, close: () => void }}
 */
export function makeStores(scratch) {
  const tmpfs = join(scratch, 'tmpfs');
  const ext4 = join(scratch, 'ext4');
  const image = join(scratch, 'image', 'ext4.img');
  for (const directory of [tmpfs, ext4, join(scratch, 'image')]) mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8g', 'ordeal-bench', tmpfs]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3g', 'ordeal-bench', join(scratch, 'image')]);
  writeFileSync(image, '');
  truncateSync(image, IMAGE_BYTES);
  execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
  execFileSync('mount', ['-o', 'loop,noatime', image, ext4]);
  return {
    tmpfs,
    ext4,
    close: () => {
      for (const place of [ext4, join(scratch, 'image'), tmpfs]) execFileSync('umount', ['-l', place]);
    },
  };
}
