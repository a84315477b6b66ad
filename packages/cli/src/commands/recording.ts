import { release } from 'node:os';
import { resolve } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import type { Experiment } from '@ordeal/experiment';
import { RECORD_FORMAT, type RecordedFlags, RecordFile, type RecordHeader } from '@ordeal/node';
import type { RecordPlace } from '@ordeal/supervisor';
import { requireWritable } from '../host/replace-file.js';
import { FULL_VERSION } from '../version.js';
import type { RunOptions } from './run.js';

/** A run that is recorded. */
export interface RecordedRun {
  readonly experiments: readonly Experiment[];
  readonly sources: ReadonlyMap<string, string>;
  readonly seed: number | undefined;
  readonly command: readonly string[] | undefined;
}

/** What `--record` writes. @throws OrdealError ORD-901 for runs that cannot be replayed, ORD-902 */
export function recordRun(path: string, options: RunOptions, run: RecordedRun): RecordFile {
  refuseUnrepeatable(run.experiments);
  requireWritable(path);
  return new RecordFile(path, headerOf(options, run));
}

/** The same for a detached run, whose supervisor writes it. @throws OrdealError ORD-901, ORD-902 */
export function recordDetached(path: string, options: RunOptions, run: RecordedRun): RecordPlace {
  refuseUnrepeatable(run.experiments);
  const kernel = run.experiments.find(({ kind }) => kind === 'KernelChaos');
  if (kernel)
    throw new OrdealError(
      'ORD-901',
      `--record with --detach is for IOChaos, and ${kernel.name} is a KernelChaos`,
    );
  const absolute = resolve(path);
  requireWritable(absolute);
  return { path: absolute, header: headerOf(options, run) };
}

function headerOf(options: RunOptions, { sources, seed, command }: RecordedRun): RecordHeader {
  return {
    type: 'record',
    format: RECORD_FORMAT,
    at: new Date().toISOString(),
    ordeal: FULL_VERSION,
    kernel: release(),
    node: process.versions.node,
    documents: [...sources].map(([file, text]) => ({ file, text })),
    seed,
    command,
    flags: recordedFlags(options),
  };
}

function refuseUnrepeatable(experiments: readonly Experiment[]): void {
  const schedule = experiments.find(({ kind }) => kind === 'Schedule');
  if (schedule)
    throw new OrdealError('ORD-901', `--record is not for a Schedule, and ${schedule.name} is one`, {
      hint: 'Record a run of its experiment alone.',
    });
  const names = experiments.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new OrdealError(
      'ORD-901',
      `--record tells experiments apart by their names, and two are named ${twice}`,
    );
}

const RECORDED = [
  'pid',
  'cgroup',
  'container',
  'mechanism',
  'duration',
  'before',
  'after',
  'withExec',
] as const satisfies readonly (keyof RecordedFlags & keyof RunOptions)[];

/** Those that decide where and when there are faults. */
function recordedFlags(options: RunOptions): RecordedFlags {
  const given = RECORDED.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
}
