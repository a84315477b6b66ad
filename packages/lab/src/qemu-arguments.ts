import { ROOT_TAG } from './kernel-command-line.js';

export interface MachineSpec {
  readonly accelerator: 'kvm' | 'tcg';
  readonly kernelImage: string;
  readonly commandLine: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly icountShift?: number;
  readonly shareRoot: string;
  readonly logPath: string;
  /** Inherited descriptor of a connected stream socket: the agent's line. */
  readonly agentFd: number;
  /** Inherited descriptors of the scratch disks' backing files. */
  readonly diskFds: readonly number[];
  /** Whether hvc0 is QEMU's own standard input and output. */
  readonly terminal: boolean;
  /** Whether there is a network card. */
  readonly network: boolean;
}

/** The arguments of qemu-system-x86_64 for a lab VM. */
export function qemuArguments(spec: MachineSpec): string[] {
  const counted = spec.icountShift !== undefined;
  const args = ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-monitor', 'none'];
  args.push('-machine', 'q35', '-accel', accelerator(spec));
  if (counted) args.push('-icount', `shift=${spec.icountShift}`);
  // No nested virtualisation on emulated processors, and no five-level page tables: both are only slower.
  args.push('-cpu', spec.accelerator === 'kvm' ? 'host' : 'max,la57=off');
  args.push('-smp', String(counted ? 1 : spec.cpus), '-m', String(spec.memoryMiB));
  args.push('-kernel', spec.kernelImage, '-append', spec.commandLine);
  args.push('-chardev', `file,id=console,path=${optionValue(spec.logPath)}`, '-serial', 'chardev:console');
  const share = `path=${optionValue(spec.shareRoot)},security_model=none,readonly=on,multidevs=remap`;
  args.push('-fsdev', `local,id=root,${share}`, '-device', `virtio-9p-pci,fsdev=root,mount_tag=${ROOT_TAG}`);
  args.push('-device', 'virtio-serial-pci');
  if (spec.terminal) {
    args.push('-chardev', 'stdio,id=terminal,signal=off', '-device', 'virtconsole,chardev=terminal');
  }
  args.push('-chardev', `socket,id=agent,fd=${spec.agentFd}`);
  args.push('-device', 'virtserialport,chardev=agent,name=ordeal');
  if (spec.network) args.push('-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile=');
  spec.diskFds.forEach((fd, index) => {
    // Through /proc rather than an fd set, because QEMU opens it several times with different access modes.
    const file = `file=/proc/self/fd/${fd},format=raw,cache=unsafe,discard=unmap`;
    args.push('-drive', `if=none,id=scratch${index},${file}`);
    args.push('-device', `virtio-blk-pci,drive=scratch${index},serial=scratch${index}`);
  });
  return args;
}

function accelerator(spec: MachineSpec): string {
  // One thread runs all CPUs in turn. With a thread each, QEMU before 8.1 translates a page that another CPU is
  // patching (it locks the page only afterwards) and keeps the old bytes: a CPU then hits the int3 of a fault point
  // that has been removed, again and again, and the guest hangs. Counting instructions needs one thread anyway.
  return spec.accelerator === 'kvm' ? 'kvm' : 'tcg,thread=single';
}

/** In QEMU's option lists a comma in a value is doubled. */
function optionValue(value: string): string {
  return value.replaceAll(',', ',,');
}
