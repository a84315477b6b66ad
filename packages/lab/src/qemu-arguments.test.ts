import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MachineSpec, qemuArguments } from './qemu-arguments.js';

const spec: MachineSpec = {
  accelerator: 'tcg',
  kernelImage: '/k/vmlinux',
  commandLine: 'console=ttyS0',
  memoryMiB: 512,
  cpus: 2,
  shareRoot: '/',
  logPath: '/var/log/a,b.log',
  agentFd: 3,
  diskFds: [],
  terminal: false,
  network: false,
};

/** The values that follow an option, in order. */
function values(args: readonly string[], option: string): string[] {
  return args.filter((_, index) => args[index - 1] === option);
}

test('commas in paths are doubled', () => {
  const args = qemuArguments({ ...spec, shareRoot: '/srv/x,y' });
  assert.ok(values(args, '-chardev').includes('file,id=console,path=/var/log/a,,b.log'));
  assert.match(values(args, '-fsdev').join(), /path=\/srv\/x,,y,security_model=none,readonly=on/);
});

test('the machine never reboots and has no monitor, display or defaults', () => {
  const args = qemuArguments(spec);
  for (const option of ['-no-reboot', '-nodefaults', '-no-user-config']) assert.ok(args.includes(option));
  assert.deepEqual(values(args, '-monitor'), ['none']);
});

test('counting instructions takes one processor', () => {
  const args = qemuArguments({ ...spec, icountShift: 1 });
  assert.deepEqual(values(args, '-icount'), ['shift=1']);
  assert.deepEqual(values(args, '-smp'), ['1']);
});

test('emulation runs all processors on one thread, KVM uses the host processor', () => {
  assert.deepEqual(values(qemuArguments(spec), '-accel'), ['tcg,thread=single']);
  const kvm = qemuArguments({ ...spec, accelerator: 'kvm' });
  assert.deepEqual([...values(kvm, '-accel'), ...values(kvm, '-cpu')], ['kvm', 'host']);
});

test('disks keep the order of their descriptors', () => {
  const drives = values(qemuArguments({ ...spec, diskFds: [4, 5] }), '-drive');
  assert.equal(drives.length, 2);
  assert.match(drives[0] ?? '', /id=scratch0,file=\/proc\/self\/fd\/4,/);
  assert.match(drives[1] ?? '', /id=scratch1,file=\/proc\/self\/fd\/5,/);
});

test('a terminal is the first console, before the agent port', () => {
  const devices = values(qemuArguments({ ...spec, terminal: true }), '-device');
  const order = devices.filter((device) => /^virt(console|serialport)/.test(device));
  assert.deepEqual(order, ['virtconsole,chardev=terminal', 'virtserialport,chardev=agent,name=ordeal']);
});

test('there is a network card only if one is wanted', () => {
  assert.deepEqual(values(qemuArguments(spec), '-netdev'), []);
  assert.deepEqual(values(qemuArguments({ ...spec, network: true }), '-netdev'), ['user,id=net']);
});
