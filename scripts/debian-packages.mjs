import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { quietly, StepError, step } from './step.mjs';

/** Debian packages that tests use, each with a program or file that shows that it is there. */
export const TEST_PACKAGES = {
  gcc: 'gcc',
  'libc6-dev': '/usr/include/stdio.h',
  python3: 'python3',
  'python3-pytest': '/usr/lib/python3/dist-packages/pytest/__init__.py',
  e2fsprogs: 'mkfs.ext4',
  'btrfs-progs': 'mkfs.btrfs',
  xfsprogs: 'mkfs.xfs',
  quota: 'setquota',
  procps: 'pgrep',
  'util-linux': 'unshare',
  runc: 'runc',
  crun: 'crun',
  strace: 'strace',
  'busybox-static': 'busybox',
  containerd: 'containerd',
  postgresql: '/usr/lib/postgresql',
  chromium: 'chromium',
  'fonts-dejavu-core': '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
};

/** What a node of a cluster runs pods with. */
export const NODE_PACKAGES = {
  containerd: 'containerd',
  runc: 'runc',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  'busybox-static': 'busybox',
  iproute2: 'ip',
  'util-linux': 'nsenter',
};

/** What `npm run bench -- kernel` compares with. */
export const BENCH_PACKAGES = {
  gcc: 'gcc',
  'libc6-dev': '/usr/include/stdio.h',
  'bpfcc-tools': 'inject-bpfcc',
};

/** What `npm run bench -- io` measures with, and builds libfuse's examples with. */
export const IO_BENCH_PACKAGES = {
  gcc: 'gcc',
  'g++': 'g++',
  'libc6-dev': '/usr/include/stdio.h',
  'libfuse3-dev': '/usr/include/fuse3/fuse_lowlevel.h',
  'pkg-config': 'pkg-config',
  'dpkg-dev': 'dpkg-source',
  'xz-utils': 'xz',
  fio: 'fio',
  e2fsprogs: 'mkfs.ext4',
  'util-linux': 'taskset',
};

const SYSTEM_PATHS = ['/usr/sbin', '/sbin'];
/** Seconds that apt-get waits while another one works. */
const WAIT_FOR_OTHERS = ['-o', 'DPkg::Lock::Timeout=600'];

/**
 * Installs those packages of a table that are missing.
 *
 * @param {Record<string, string>} packages
 */
export async function installDebian(packages) {
  const missing = Object.entries(packages).flatMap(([name, evidence]) => (present(evidence) ? [] : [name]));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0)
    throw new StepError(`missing: ${missing.join(', ')}; install them, or run this as root`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await step(`installing ${missing.join(', ')}`, '30 s', async () => {
    const apt = ['apt-get', ...WAIT_FOR_OTHERS];
    await quietly([...apt, 'update', '-qq'], options);
    await quietly([...apt, 'install', '-y', '-qq', '--no-install-recommends', ...missing], options);
  });
}

function present(evidence) {
  if (evidence.startsWith('/')) return existsSync(evidence);
  const paths = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_PATHS];
  return paths.some((path) => existsSync(join(path, evidence)));
}
