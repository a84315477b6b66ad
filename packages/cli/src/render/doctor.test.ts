import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultVerdict, WORKS } from '@ordeal/node';
import { plain } from '../output/paint.js';
import { canInject, type DoctorReport } from '../report/doctor-report.js';
import { renderDoctor } from './doctor.js';

const NAMES = ['slab allocations', 'page allocations', 'block I/O requests', 'system calls'];
const faults = (verdicts: Pick<FaultVerdict, 'mechanisms'>['mechanisms']): FaultVerdict[] =>
  NAMES.map((what, index) => ({
    failtype: index < 3 ? index : undefined,
    what,
    function: 'f',
    mechanisms: verdicts,
  }));
const missing = (mechanism: 'fmod_ret' | 'kprobe', option: string) => ({
  mechanism,
  works: false,
  missing: option,
  reason: 'EINVAL',
});

const able: DoctorReport = {
  kernel: '6.8.0-40-generic',
  distribution: 'Ubuntu 24.04 LTS',
  architecture: 'x86-64',
  cgroups: 'cgroup v2',
  blocked: undefined,
  faults: faults([
    { mechanism: 'fmod_ret', ...WORKS },
    { mechanism: 'kprobe', ...WORKS },
  ]),
  frames: [
    { hook: 'fentry', ...WORKS },
    { hook: 'kprobe', ...WORKS },
  ],
  io: {
    fuse: { ...WORKS, ability: { protocol: '7.39', passthrough: false, directMmap: true } },
    ptrace: WORKS,
    openFiles: 464,
  },
  lab: { qemu: WORKS, kernels: ['6.1.192'] },
};

test('a kernel that can inject', () => {
  assert.equal(canInject(able), true);
  assert.equal(
    renderDoctor(able, plain),
    `Linux 6.8.0-40-generic (Ubuntu 24.04 LTS), x86-64, cgroup v2
  slab faults        yes   fmod_ret, kprobe
  page faults        yes   same
  block I/O faults   yes   same
  system call faults yes   same
  call chains        yes   fentry, kprobe
  I/O chaos          yes   FUSE 7.39 without passthrough, ptrace allowed, up to 464 open files in a volume
  lab                yes   QEMU, kernel 6.1.192
What to do: kernel faults can be injected here: sudo ordeal run FILE -- CMD
`,
  );
});

test('a kernel without error injection, a host without the rest', () => {
  const report: DoctorReport = {
    ...able,
    distribution: undefined,
    faults: faults([
      missing('fmod_ret', 'CONFIG_FUNCTION_ERROR_INJECTION'),
      missing('kprobe', 'CONFIG_BPF_KPROBE_OVERRIDE'),
    ]),
    io: {
      fuse: {
        works: false,
        missing: 'CONFIG_FUSE_FS',
        reason: 'there is no usable /dev/fuse',
        ability: undefined,
      },
      ptrace: WORKS,
      openFiles: 464,
    },
    lab: {
      qemu: { works: false, missing: 'qemu-system-x86_64', reason: 'qemu-system-x86_64 is not installed' },
      kernels: [],
    },
  };
  assert.equal(canInject(report), false);
  assert.equal(
    renderDoctor(report, plain),
    `Linux 6.8.0-40-generic, x86-64, cgroup v2
  slab faults        no    fmod_ret needs CONFIG_FUNCTION_ERROR_INJECTION, kprobe needs CONFIG_BPF_KPROBE_OVERRIDE
  page faults        no    same
  block I/O faults   no    same
  system call faults no    same
  call chains        yes   fentry, kprobe
  I/O chaos          no    there is no usable /dev/fuse (needs CONFIG_FUSE_FS), ptrace allowed
  lab                no    qemu-system-x86_64 is not installed; ordeal lab build installs it
What to do: kernel faults can be rehearsed in a VM: ordeal lab run FILE -- CMD
`,
  );
});

test('a kernel without BTF, and one that was not asked as root', () => {
  const blocked = renderDoctor(
    { ...able, blocked: 'Linux 4.19 has no /sys/kernel/btf/vmlinux', faults: [], frames: [] },
    plain,
  );
  assert.match(blocked, /^ {2}kernel faults {6}no {4}Linux 4.19 has no \/sys\/kernel\/btf\/vmlinux$/m);
  const open = { works: undefined, missing: 'root', reason: 'trying needs root' };
  const report = { ...able, faults: faults([{ mechanism: 'fmod_ret', ...open }]) };
  assert.match(renderDoctor(report, plain), /^ {2}slab faults {8}\? {5}needs root$/m);
  assert.match(renderDoctor(report, plain), /^What to do: run this as root/m);
});

test('a kernel of today without CONFIG_FAILSLAB names system calls as the way out', () => {
  const [slab, , ...rest] = able.faults;
  const lacking = [missing('fmod_ret', 'CONFIG_FAILSLAB'), missing('kprobe', 'CONFIG_FAILSLAB')];
  const text = renderDoctor(
    { ...able, faults: [{ ...(slab as FaultVerdict), mechanisms: lacking }, ...rest] },
    plain,
  );
  assert.match(text, /^ {2}slab faults {8}no {4}needs CONFIG_FAILSLAB$/m);
  assert.match(text, /^ {2}system call faults yes {3}same$/m);
  assert.match(text, /^What to do: system calls can fail here: function: openat, errno: ENOMEM, /m);
});
