import { release } from 'node:os';
import { OrdealError } from '@ordeal/diagnostics';
import { movableFiles, raiseDescriptorLimit } from '@ordeal/fault-fs';
import { type KernelFacts, readKernelFacts } from '@ordeal/kernel-chaos';
import { listKernels } from '@ordeal/lab';
import { tryFaults, tryFrames, tryFuse, tryPtrace } from '@ordeal/node';
import { EXIT } from '../exit-code.js';
import { architecture, cgroupVersions, distribution, findProgram } from '../host/host-facts.js';
import { renderDoctor } from '../render/doctor.js';
import type { DoctorReport } from '../report/doctor-report.js';
import type { CommandContext } from './context.js';

export interface DoctorOptions {
  readonly json?: true;
}

/** Shows what this kernel and host can do, found out by trials that change nothing. */
export async function doctor(options: DoctorOptions, { output }: CommandContext): Promise<number> {
  const report = await examine();
  output.out.write(options.json ? `${JSON.stringify(report)}\n` : renderDoctor(report, output.out.paint));
  return EXIT.ok;
}

async function examine(): Promise<DoctorReport> {
  const facts = kernelFacts();
  const able = typeof facts === 'string' ? undefined : facts;
  const kernels = await listKernels();
  return {
    kernel: release(),
    distribution: distribution(),
    architecture: architecture(),
    cgroups: cgroupVersions(),
    blocked: typeof facts === 'string' ? facts : undefined,
    faults: able ? tryFaults(able) : [],
    frames: able ? tryFrames(able) : [],
    io: { fuse: tryFuse(), ptrace: tryPtrace(), openFiles: movableFiles(raiseDescriptorLimit()) },
    lab: { qemu: findProgram('qemu-system-x86_64'), kernels: kernels.map((kernel) => kernel.version) },
  };
}

/** The facts that trials need, or why there are none. */
function kernelFacts(): KernelFacts | string {
  try {
    return readKernelFacts();
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return error.message;
  }
}
