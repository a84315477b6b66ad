import { constants } from 'node:os';
import { OrdealError } from '@ordeal/diagnostics';
import { openShell } from '@ordeal/lab';
import { diskSize } from '../flags/disk-size.js';
import { prepareLab } from '../host/lab-kernel.js';
import { ProgressReport } from '../output/progress-report.js';
import type { CommandContext } from './context.js';

export interface LabShellOptions {
  readonly kernel?: string;
  readonly disk?: readonly string[];
}

/** Opens a shell in a throwaway VM. */
export async function labShell(
  options: LabShellOptions,
  { output, command }: CommandContext,
): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new OrdealError('ORD-903', 'A shell in the lab needs a terminal on standard input and output');
  }
  const disks = (options.disk ?? ['64M']).map(diskSize);
  const progress = new ProgressReport(output.err);
  const kernelImage = await prepareLab(options.kernel, progress);
  progress.finish();
  const result = await openShell({ kernelImage, disks }, command);
  return result.signal === undefined ? result.exitCode : 128 + constants.signals[result.signal];
}
