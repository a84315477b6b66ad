import { OrdealError } from '@ordeal/diagnostics';
import { type Experiment, parseDocuments, scheduledExperiment } from '@ordeal/experiment';
import { askUnsynced, type PoweredVolume, type UnsyncedReport } from '@ordeal/io-chaos';
import { readMounts, readProcessStatus } from '@ordeal/linux';
import { processesOfTarget } from '@ordeal/node';
import { type RunStatus, requireNamed } from '@ordeal/supervisor';
import { runningTarget } from '../flags/target-flags.js';
import { HeldRuns } from './held-runs.js';
import { requireRoot } from './require-root.js';

/** How a command line says whose power is meant. */
export interface PowerFlags {
  readonly pid?: string;
}

/** Volumes whose power can be cut, and the processes that it is cut for. */
export interface PowerTarget {
  readonly volumes: readonly PoweredVolume[];
  readonly processes: readonly number[];
}

/** @throws OrdealError ORD-301, ORD-502, ORD-718, ORD-856, ORD-901 */
export async function findPowerTarget(
  runDirectory: string,
  name: string | undefined,
  { pid }: PowerFlags,
): Promise<PowerTarget> {
  requireRoot('Cutting the power');
  if ((name === undefined) === (pid === undefined))
    throw new OrdealError('ORD-901', 'Give the name of a detached run, or --pid', { hint: 'See ordeal ps.' });
  const target = name === undefined ? targetOfProcess(pid) : targetOfRun(await findRun(runDirectory, name));
  if (target.volumes.length > 0) return target;
  const whose = name === undefined ? `process ${pid} sees no volume` : `the run ${name} holds none`;
  throw new OrdealError('ORD-718', `${whose} under an IOChaos with action powerLoss`);
}

/** What each volume could lose; those where no rule has that kept are left out, unless all are. */
export async function unsyncedOf(
  runDirectory: string,
  volumes: readonly PoweredVolume[],
): Promise<{ readonly volume: PoweredVolume; readonly report: UnsyncedReport }[]> {
  const asked = await Promise.allSettled(volumes.map((volume) => askUnsynced(runDirectory, volume)));
  const told = asked.flatMap((each, index) => {
    const volume = volumes[index];
    return each.status === 'fulfilled' && volume ? [{ volume, report: each.value }] : [];
  });
  const [refused] = asked;
  if (told.length === 0 && refused?.status === 'rejected') throw refused.reason;
  return told;
}

function targetOfProcess(flag: string | undefined): PowerTarget {
  const choice = runningTarget({ ...(flag !== undefined && { pid: flag }) });
  const pid = choice?.kind === 'pid' ? choice.pid : 0;
  if (!readProcessStatus(pid)) throw new OrdealError('ORD-301', `There is no process ${pid}`);
  const mounts = readMounts(pid).filter(({ type }) => type === 'fuse.ordeal');
  return { volumes: mounts.map(({ path }) => ({ pid, path })), processes: [pid] };
}

function targetOfRun({ documents, name, injections }: RunStatus): PowerTarget {
  const paths = documents.flatMap((document) =>
    parseDocuments(document, name).experiments.flatMap((experiment) => powerPath(experiment) ?? []),
  );
  const targets = injections.map(({ target }) => requireNamed(target).target);
  const seeing = new Map(
    targets.flatMap(processesOfTarget).map(({ pid, namespace }) => [namespace, pid] as const),
  );
  return {
    volumes: [...seeing.values()].flatMap((pid) => [...new Set(paths)].map((path) => ({ pid, path }))),
    processes: [...new Set(targets.flatMap((target) => target.processes()))],
  };
}

function powerPath(experiment: Experiment): string | undefined {
  const plain = experiment.kind === 'Schedule' ? scheduledExperiment(experiment) : experiment;
  return plain.kind === 'IOChaos' && plain.spec.action === 'powerLoss' ? plain.spec.volumePath : undefined;
}

async function findRun(runDirectory: string, name: string): Promise<RunStatus> {
  const run = (await new HeldRuns(runDirectory).list()).find((each) => each.name === name && !each.ended);
  if (run) return run;
  throw new OrdealError('ORD-856', `No run is called '${name}'`, { hint: 'See ordeal ps.' });
}
