import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OrdealError } from '@ordeal/diagnostics';
import {
  type Counter,
  countedBy,
  type KubeClient,
  log,
  type Metrics,
  metricsPortOf,
  type ProgramSettings,
  positiveInteger,
  runProgram,
} from '@ordeal/kube';
import { Supervisor } from '@ordeal/supervisor';
import { Agent } from './agent.js';

/** Where this host has its journals: `ordeal recover` looks there, too. */
const RUN_DIRECTORY = '/run/ordeal';

const USAGE = `usage: ordeal-agent [--node NAME] [--kubeconfig FILE] [--journal DIR] [--lease-seconds N]
                    [--ready-file FILE] [--metrics-port N]
  --node           the node that this is (default: $NODE_NAME)
  --kubeconfig     the cluster to work in; the one that this pod runs in when left out
  --journal        the journal of desired injections (default: ${RUN_DIRECTORY}/agent)
  --lease-seconds  faults end when the API server was not heard of for so long (default: 60)
  --metrics-port   serves metrics for Prometheus there; none are served when left out
  --ready-file     is there as long as the agent is in step with the API server
`;

interface Settings extends ProgramSettings {
  readonly node: string;
  readonly journal: string;
  readonly leaseSeconds: number;
  readonly readyFile: string | undefined;
}

/** Injects on this node until SIGTERM or SIGINT, then lifts everything; returns the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runProgram(argv, { usage: USAGE, settingsFrom, check: requireRoot, run: inject });
}

function requireRoot(): void {
  if (process.getuid?.() !== 0) throw new OrdealError('ORD-502', 'Injecting needs root');
}

async function inject(
  client: KubeClient,
  settings: Settings,
  signal: AbortSignal,
  metrics: Metrics,
): Promise<number> {
  // A killed agent leaves its ready file behind.
  if (settings.readyFile !== undefined) rmSync(settings.readyFile, { force: true });
  const supervisor = await Supervisor.open(RUN_DIRECTORY, { journal: settings.journal, prepared: true });
  try {
    for (const path of supervisor.setAside) log('warning', 'a journal cannot be read', { path });
    metrics.gauge('ordeal_agent_injections', 'Containers by the phase of their injection.', () =>
      countedBy(supervisor.list(), ({ phase }) => ({ phase })),
    );
    metrics.gauge('ordeal_agent_faults', 'Faults of the injections that are held.', () => [
      [{}, supervisor.list().reduce((sum, { counts }) => sum + counts.fired, 0)],
    ]);
    const errors = metrics.counter('ordeal_agent_errors_total', 'Errors that were retried.');
    await serve(client, supervisor, settings, signal, errors);
    return 0;
  } finally {
    await supervisor.close();
  }
}

async function serve(
  client: KubeClient,
  supervisor: Supervisor,
  { node: nodeName, leaseSeconds, readyFile }: Settings,
  signal: AbortSignal,
  errors: Counter,
): Promise<void> {
  const agent = new Agent({
    client,
    supervisor,
    nodeName,
    leaseMs: leaseSeconds * 1000,
    onError(error) {
      errors.add();
      log('warning', error instanceof Error ? error.message : String(error));
    },
  });
  log('info', 'started', { node: nodeName });
  void agent.synced.then(() => {
    if (readyFile !== undefined && !signal.aborted) writeFileSync(readyFile, '');
    log('info', 'in step with the API server', { node: nodeName });
  });
  if (!signal.aborted) await once(signal, 'abort');
  if (readyFile !== undefined) rmSync(readyFile, { force: true });
  log('info', 'lifting all faults', { injections: supervisor.list().length });
  await agent.close();
}

function settingsFrom(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      node: { type: 'string', default: process.env.NODE_NAME ?? '' },
      kubeconfig: { type: 'string' },
      journal: { type: 'string', default: join(RUN_DIRECTORY, 'agent') },
      'lease-seconds': { type: 'string', default: '60' },
      'ready-file': { type: 'string' },
      'metrics-port': { type: 'string' },
    },
  });
  const { node, kubeconfig, journal, 'ready-file': readyFile } = values;
  if (node === '') throw new Error('--node: give the name of this node, or set NODE_NAME');
  const leaseSeconds = positiveInteger('--lease-seconds', values['lease-seconds']);
  const metricsPort = metricsPortOf(values['metrics-port']);
  return { node, kubeconfig, journal, leaseSeconds, readyFile, metricsPort };
}
