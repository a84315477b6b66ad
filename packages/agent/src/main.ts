import { parseArgs } from 'node:util';
import { log } from '@ordeal/controller';
import { OrdealError } from '@ordeal/diagnostics';
import { connect, connectInCluster, type KubeClient } from '@ordeal/kube';
import { Supervisor } from '@ordeal/supervisor';
import { Agent } from './agent.js';

const USAGE = `usage: ordeal-agent [--node NAME] [--kubeconfig FILE] [--journal DIR] [--lease-seconds N]
  --node           the node that this is (default: $NODE_NAME)
  --kubeconfig     the cluster to work in; the one that this pod runs in when left out
  --journal        where it keeps what should be injected (default: /run/ordeal/agent)
  --lease-seconds  faults end when the API server was not heard of for so long (default: 60)
`;

interface Settings {
  readonly node: string;
  readonly kubeconfig: string | undefined;
  readonly journal: string;
  readonly leaseSeconds: number;
}

/** Injects on this node until SIGTERM or SIGINT, and takes everything back then; the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(USAGE);
    return 0;
  }
  let settings: Settings;
  try {
    settings = settingsFrom(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  let client: KubeClient | undefined;
  let supervisor: Supervisor | undefined;
  try {
    if (process.getuid?.() !== 0) throw new OrdealError('ORD-502', 'Injecting needs root');
    const { kubeconfig, journal } = settings;
    client = await (kubeconfig === undefined ? connectInCluster() : connect({ files: [kubeconfig] }));
    supervisor = await Supervisor.open(journal);
    for (const path of supervisor.setAside) log('warning', 'a journal cannot be read', { path });
    await serve(client, supervisor, settings, stopped);
    return 0;
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    log('error', error.message, { code: error.code });
    return 1;
  } finally {
    await supervisor?.close();
    client?.close();
  }
}

async function serve(
  client: KubeClient,
  supervisor: Supervisor,
  { node: nodeName, leaseSeconds }: Settings,
  stopped: Promise<void>,
): Promise<void> {
  const agent = new Agent({
    client,
    supervisor,
    nodeName,
    leaseMs: leaseSeconds * 1000,
    onError: (error) => log('warning', error instanceof Error ? error.message : String(error)),
  });
  log('info', 'started', { node: nodeName });
  void agent.synced.then(() => log('info', 'in step with the API server', { node: nodeName }));
  await stopped;
  log('info', 'taking everything back', { injections: supervisor.list().length });
  await agent.close();
}

function settingsFrom(argv: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      node: { type: 'string', default: process.env.NODE_NAME ?? '' },
      kubeconfig: { type: 'string' },
      journal: { type: 'string', default: '/run/ordeal/agent' },
      'lease-seconds': { type: 'string', default: '60' },
    },
  });
  const { node, kubeconfig, journal } = values;
  if (node === '') throw new Error('--node: which node this is must be said, or be in NODE_NAME');
  const leaseSeconds = Number(values['lease-seconds']);
  if (!Number.isInteger(leaseSeconds) || leaseSeconds < 1) {
    throw new Error(`--lease-seconds: '${values['lease-seconds']}' is not a whole number of at least 1`);
  }
  return { node, kubeconfig, journal, leaseSeconds };
}
