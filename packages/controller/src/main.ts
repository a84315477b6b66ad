import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { refuseForeignDefinitions } from '@ordeal/chart';
import {
  type KubeClient,
  log,
  type Metrics,
  metricsPortOf,
  type ProgramSettings,
  positiveInteger,
  runProgram,
  withLeadership,
} from '@ordeal/kube';
import { runController } from './controller.js';
import { customResourceDefinitions, oldGroupDefinitions } from './crd/crds.js';
import type { Scope } from './select/select-pods.js';

const USAGE = `usage: ordeal-controller [--kubeconfig FILE] [--namespace NAME] [--opt-in]
                         [--old-group] [--remote-clusters] [--lease-namespace NAME] [--lease-seconds N]
                         [--metrics-port N]
  --kubeconfig       the cluster to work in; the one that this pod runs in when left out
  --namespace        reaches only this namespace
  --opt-in           reaches only namespaces with the annotation chaos-mesh.org/inject: enabled
  --old-group        carries out experiments of apiVersion pingcap.com/v1alpha1, too
  --remote-clusters  looks after RemoteClusters and the experiments that name them
  --metrics-port     serves metrics for Prometheus there; none are served when left out
  --lease-namespace  where controllers agree on who leads (default: $POD_NAMESPACE, else default)
  --lease-seconds    how long a leader that is gone is waited for (default: 15)
`;

interface Settings extends ProgramSettings {
  readonly scope: Scope;
  readonly oldGroup: boolean;
  readonly remoteClusters: boolean;
  readonly leaseNamespace: string;
  readonly leaseSeconds: number;
}

/** Leads or waits to lead until SIGTERM or SIGINT; returns the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runProgram(argv, { usage: USAGE, settingsFrom, run: lead });
}

function settingsFrom(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      kubeconfig: { type: 'string' },
      namespace: { type: 'string' },
      'opt-in': { type: 'boolean', default: false },
      'old-group': { type: 'boolean', default: false },
      'remote-clusters': { type: 'boolean', default: false },
      'metrics-port': { type: 'string' },
      'lease-namespace': { type: 'string', default: process.env.POD_NAMESPACE || 'default' },
      'lease-seconds': { type: 'string', default: '15' },
    },
  });
  const { kubeconfig, namespace } = values;
  const leaseSeconds = positiveInteger('--lease-seconds', values['lease-seconds']);
  const scope = { optIn: values['opt-in'], ...(namespace === undefined ? {} : { namespace }) };
  const remoteClusters = values['remote-clusters'];
  return {
    kubeconfig,
    metricsPort: metricsPortOf(values['metrics-port']),
    scope,
    oldGroup: values['old-group'],
    remoteClusters,
    leaseNamespace: values['lease-namespace'],
    leaseSeconds,
  };
}

/** 1 if the lease was lost: the next leader may have begun, so everything here must end. */
async function lead(
  client: KubeClient,
  settings: Settings,
  signal: AbortSignal,
  metrics: Metrics,
): Promise<number> {
  const { scope, oldGroup, remoteClusters, leaseNamespace: namespace, leaseSeconds } = settings;
  const identity = `${process.env.POD_NAME || hostname()}-${process.pid}`;
  const errors = metrics.counter('ordeal_controller_errors_total', 'Errors that were retried.');
  let leads = 0;
  metrics.gauge('ordeal_controller_leader', 'Whether this controller leads.', () => [[{}, leads]]);
  const onError = (what: string, error: unknown) => {
    errors.add();
    log('warning', error instanceof Error ? error.message : String(error), { what });
  };
  const options = {
    lease: { namespace, name: 'ordeal-controller' },
    identity,
    leaseSeconds,
    signal,
    onError: (error: unknown) => onError('lease', error),
  };
  const definitions = [...customResourceDefinitions(), ...(oldGroup ? oldGroupDefinitions() : [])];
  await refuseForeignDefinitions(
    client,
    definitions.map(({ metadata }) => metadata.name),
  );
  log('info', 'waiting to lead', { identity, namespace });
  await withLeadership(client, options, async (leading) => {
    leads = 1;
    log('info', 'leading', { identity });
    await runController(client, { scope, oldGroup, remoteClusters, metrics, onError }, leading);
    leads = 0;
  });
  log('info', signal.aborted ? 'stopped' : 'lost the lease', { identity });
  return signal.aborted ? 0 : 1;
}
