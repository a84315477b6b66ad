import { access } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { AgentLine } from './agent-line.js';
import { lastConsoleLines, newLogPath } from './console-log.js';
import { emulatedDelayLoops } from './delay-loops.js';
import { kernelCommandLine } from './kernel-command-line.js';
import { KVM_TRIAL_MS, kvmVerdict, rememberKvmVerdict } from './kvm-verdict.js';
import { packageFile } from './paths.js';
import { programPath } from './program-path.js';
import { qemuArguments } from './qemu-arguments.js';
import { AGENT_FD, FIRST_INHERITED_FD, QEMU, QemuProcess } from './qemu-process.js';
import { RunningVm } from './running-vm.js';
import { openScratchDisk } from './scratch-disk.js';
import { requireSupportedHost } from './supported-host.js';
import type { BootOptions, Vm } from './vm.js';

const DEFAULT_BOOT_MS = 60_000;
const DEFAULT_LIFETIME_MS = 3_600_000;

/**
 * Boots a VM and waits for its agent.
 *
 * @throws OrdealError ORD-605 it did not come up in time or QEMU ended (last console lines in `detail`, the log's
 *   path in the message), ORD-601 no QEMU, ORD-607 no such kernel image, ORD-611 `shareRoot` without
 *   the guest's init
 * @throws UnsupportedError ORD-606 not an x86-64 Linux host
 */
export async function bootVm(options: BootOptions): Promise<Vm> {
  requireSupportedHost();
  await requireImage(options.kernelImage);
  if (!(await programPath(QEMU))) {
    throw new OrdealError('ORD-601', `${QEMU} is not installed (Debian package qemu-system-x86)`);
  }
  const bootMs = options.timeouts?.bootMs ?? DEFAULT_BOOT_MS;
  const wanted = options.icount ? 'tcg' : (options.accelerator ?? 'auto');
  if (wanted !== 'auto') return await boot(options, wanted, bootMs);
  const verdict = await kvmVerdict();
  if (verdict === 'works') return await boot(options, 'kvm', bootMs);
  return verdict === 'fails' ? await boot(options, 'tcg', bootMs) : await tryKvm(options, bootMs);
}

/** Boots under KVM if that works, otherwise under emulation, and remembers which. */
async function tryKvm(options: BootOptions, bootMs: number): Promise<Vm> {
  let vm: Vm;
  try {
    vm = await boot(options, 'kvm', Math.min(bootMs, KVM_TRIAL_MS));
  } catch (error) {
    if (!(error instanceof OrdealError) || error.code !== 'ORD-605') throw error;
    vm = await boot(options, 'tcg', bootMs);
  }
  await rememberKvmVerdict(vm.accelerator === 'kvm' ? 'works' : 'fails');
  return vm;
}

async function requireImage(path: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    throw new OrdealError('ORD-607', `there is no kernel image ${path}`, { cause });
  }
}

async function boot(options: BootOptions, accelerator: 'kvm' | 'tcg', limitMs: number): Promise<Vm> {
  const logPath = resolve(options.logPath ?? (await newLogPath()));
  const stage = accelerator === 'kvm' ? 'start under KVM' : 'start under emulation';
  options.progress?.({ step: 'boot', stage });
  const started = performance.now();
  const lifetimeMs = options.timeouts?.lifetimeMs ?? DEFAULT_LIFETIME_MS;
  const qemu = await startQemu(options, accelerator, logPath, lifetimeMs);
  const line = new AgentLine(qemu.agentStream);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((done) => {
    timer = setTimeout(() => done('timeout'), limitMs);
  });
  const outcome = await Promise.race([line.hello.then((version) => ({ version })), qemu.gone, timeout]);
  clearTimeout(timer);
  if (typeof outcome === 'object') {
    const bootMs = performance.now() - started;
    options.progress?.({ step: 'boot', stage: 'ready', fraction: 1 });
    const { version: kernelVersion } = outcome;
    return new RunningVm({ qemu, line, accelerator, logPath, bootMs, lifetimeMs, kernelVersion });
  }
  await qemu.kill();
  const limit = `the VM did not start within ${limitMs / 1000} s`;
  const reason = outcome === 'timeout' ? limit : 'QEMU ended before the VM started';
  const words = outcome === 'timeout' ? [] : outcome.split('\n').filter((text) => text !== '');
  const detail = [...words, ...(await lastConsoleLines(logPath))];
  throw new OrdealError('ORD-605', `${reason}; its console log is ${logPath}`, { detail });
}

async function startQemu(
  options: BootOptions,
  accelerator: 'kvm' | 'tcg',
  logPath: string,
  lifetimeMs: number,
): Promise<QemuProcess> {
  const shareRoot = resolve(options.shareRoot ?? '/');
  const initPath = guestPath(shareRoot, packageFile('guest', 'init'));
  // Where instructions are counted, a cycle is one nanosecond of the guest.
  const delayLoops =
    accelerator === 'tcg' && options.icount === undefined ? await emulatedDelayLoops() : undefined;
  const disks = await Promise.all((options.disks ?? []).map(openScratchDisk));
  try {
    return new QemuProcess({
      arguments: qemuArguments({
        accelerator,
        kernelImage: resolve(options.kernelImage),
        commandLine: kernelCommandLine({ initPath, delayLoops, extra: options.kernelArguments ?? [] }),
        memoryMiB: options.memoryMiB ?? 1024,
        cpus: options.cpus ?? Math.min(2, availableParallelism()),
        ...(options.icount && { icountShift: options.icount.shift }),
        shareRoot,
        logPath,
        agentFd: AGENT_FD,
        diskFds: disks.map((_, index) => FIRST_INHERITED_FD + index),
        terminal: options.terminal ?? false,
        network: options.network ?? false,
      }),
      inherited: disks.map((disk) => disk.fd),
      lifetimeSeconds: Math.ceil(lifetimeMs / 1000),
      terminal: options.terminal ?? false,
    });
  } finally {
    // QEMU has its own copies now; the files have no names, so these were our last references.
    await Promise.all(disks.map((disk) => disk.close()));
  }
}

/** Where the guest finds a host file. */
function guestPath(shareRoot: string, hostPath: string): string {
  const path = relative(shareRoot, hostPath);
  if (!path.startsWith('..')) return `/${path}`;
  throw new OrdealError('ORD-611', `the VM cannot start from ${shareRoot}: ${hostPath} is not in it`);
}
