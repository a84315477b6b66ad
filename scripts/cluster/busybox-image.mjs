import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOciArchive } from '../image/oci-archive.mjs';
import { quietly } from '../step.mjs';

/**
 * Debian's busybox under the name of the image that others pull. Its own command sleeps: it serves as the sandbox of pods,
 * too.
 */
export const BUSYBOX = 'docker.io/library/busybox:1';

/** Writes the image as an OCI archive. `work` is for what is made on the way. */
export async function writeBusyboxImage(file, work) {
  const rootfs = join(work, 'rootfs');
  for (const path of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) {
    await mkdir(join(rootfs, path), { recursive: true });
  }
  const busybox = (await quietly(['sh', '-c', 'command -v busybox'])).trim();
  await copyFile(busybox, join(rootfs, 'bin/busybox'));
  const applets = (await quietly([busybox, '--list'])).trim().split('\n');
  for (const name of applets.filter((each) => each !== 'busybox')) {
    await symlink('busybox', join(rootfs, 'bin', name));
  }
  const config = { Env: ['PATH=/bin'], WorkingDir: '/', Entrypoint: ['/bin/sleep', '2147483647'] };
  await writeOciArchive({ file, name: BUSYBOX, rootfs, work, config });
}
