import type { Problem } from '@ordeal/diagnostics';
import type { RunResult, Vm } from '@ordeal/lab';
import type { SweepEvent } from '@ordeal/node';
import { type SweepFlags, subjectFlags } from '../flags/sweep-flags.js';
import { LineSplitter } from './line-splitter.js';
import { programPath } from './program-path.js';

/** The lines that `ordeal sweep --json` prints. */
export type GuestLine =
  | SweepEvent
  | { readonly type: 'problems'; readonly problems: readonly Problem[] }
  | { readonly type: 'error'; readonly code: string };

/** Runs `ordeal sweep --json` with the same flags inside a VM, by the same Node. */
export async function sweepInGuest(
  vm: Vm,
  argv: readonly string[],
  onLine: (line: GuestLine) => void,
  onError: (text: Buffer) => void,
): Promise<RunResult> {
  const lines = new LineSplitter((line) => {
    const parsed = parseLine(line);
    if (parsed) onLine(parsed);
  });
  return await vm.run(argv, {
    cwd: process.cwd(),
    env: { ...process.env },
    onStdout: (chunk) => lines.add(chunk),
    onStderr: onError,
    forwardSignals: true,
  });
}

/** The command line in the VM. Reports are written on this host. */
export function guestSweep(
  file: string | undefined,
  flags: SweepFlags,
  command: readonly string[],
): readonly string[] {
  const names = ['settle', 'most', 'only', 'resume'] as const;
  const given = names.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}=${flags[name]}`]));
  return [
    process.execPath,
    programPath(),
    'sweep',
    '--json',
    ...given,
    ...subjectFlags(flags),
    ...(file === undefined ? [] : [file]),
    '--',
    ...command,
  ];
}

function parseLine(line: string): GuestLine | undefined {
  try {
    const value = JSON.parse(line) as GuestLine | null;
    return typeof value === 'object' && value !== null && 'type' in value ? value : undefined;
  } catch {
    return undefined;
  }
}
