import type { Condition, ContainerRecord, ExperimentObject, Injection } from '@ordeal/controller';
import { FAILTYPES, parseDuration } from '@ordeal/experiment';

/** The state of one pod of an experiment. */
export interface PodView {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly containers: readonly ContainerView[];
  /** Faults since they were injected; undefined if the agent has not reported any count. */
  readonly faults: number | undefined;
  readonly counters: { readonly [name: string]: number };
  readonly lastContact: string | undefined;
}

export interface ContainerView {
  readonly name: string;
  readonly phase: 'Injected' | 'Not Injected';
  /** How often faults were injected, and how often again after a restart of the container. */
  readonly injections: number;
  readonly restarts: number;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** An experiment with its pods, joined from its own status and its Injections. */
export interface ExperimentView {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** A short description. */
  readonly fault: string;
  readonly phase: string;
  readonly message: string;
  readonly wanted: boolean;
  readonly injected: number;
  readonly targets: number;
  readonly faults: number;
  readonly createdAt: string;
  /** When the duration ends; undefined if the experiment runs until it is stopped. */
  readonly endsAt: string | undefined;
  readonly deleting: boolean;
  readonly conditions: readonly Condition[];
  readonly pods: readonly PodView[];
}

/** @param injections of this experiment; those of others are ignored. Pure. */
export function viewOf(
  kind: string,
  object: ExperimentObject,
  injections: readonly Injection[],
): ExperimentView {
  const { metadata, spec, status } = object;
  const own = injections.filter((injection) => injection.spec.experiment.uid === metadata.uid);
  const records = status?.experiment?.containerRecords ?? [];
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    fault: faultWords(kind, spec),
    phase: status?.phase ?? 'New',
    message: status?.message ?? (status?.phase === undefined ? 'no controller has processed it yet' : ''),
    wanted: status?.experiment?.desiredPhase === 'Run',
    injected: records.filter(({ phase }) => phase === 'Injected').length,
    targets: records.length,
    faults: status?.faults ?? 0,
    createdAt: metadata.creationTimestamp,
    endsAt: endOf(metadata.creationTimestamp, spec.duration),
    deleting: metadata.deletionTimestamp !== undefined,
    conditions: status?.conditions ?? [],
    pods: podsOf(records, own),
  };
}

function endOf(createdAt: string, duration: unknown): string | undefined {
  const parsed = typeof duration === 'string' && duration !== '' ? parseDuration(duration) : undefined;
  if (!parsed?.ok) return undefined;
  return new Date(Date.parse(createdAt) + Number(parsed.value / 1_000_000n)).toISOString();
}

function podsOf(records: readonly ContainerRecord[], injections: readonly Injection[]): PodView[] {
  const byPod = new Map<string, ContainerRecord[]>();
  for (const record of records) byPod.set(record.podUID, [...(byPod.get(record.podUID) ?? []), record]);
  return [...byPod].map(([uid, ofPod]) => {
    const injection = injections.find(({ spec }) => spec.pod.uid === uid);
    const [namespace = '', pod = ''] = ofPod[0]?.id.split('/') ?? [];
    return {
      namespace,
      pod,
      node: ofPod[0]?.nodeName ?? '',
      containers: ofPod.map((record) => containerOf(record, injection)),
      faults: injection?.status?.faults,
      counters: injection?.status?.counters ?? {},
      lastContact: injection?.status?.lastContact,
    };
  });
}

function containerOf(
  { id, phase, injectedCount }: ContainerRecord,
  injection: Injection | undefined,
): ContainerView {
  const name = id.split('/')[2] ?? '';
  const seen = injection?.status?.containers?.find((each) => each.name === name);
  const silent = injection !== undefined && injection.status === undefined;
  return {
    name,
    phase: seen?.phase ?? phase,
    injections: injectedCount,
    restarts: seen?.restarts ?? 0,
    reason: silent ? 'NoAgent' : seen?.reason,
    message: silent ? `the agent of ${injection.spec.nodeName} has not answered` : seen?.message,
  };
}

function faultWords(kind: string, spec: ExperimentObject['spec']): string {
  if (kind === 'IOChaos') {
    const { action, delay, errno } = spec as { action?: string; delay?: string; errno?: string | number };
    return [action, action === 'latency' ? delay : action === 'fault' ? errno : undefined]
      .filter(Boolean)
      .join(' ');
  }
  const { failKernRequest } = spec as {
    failKernRequest?: {
      failtype?: number;
      function?: string;
      errno?: string | number;
      callchain?: readonly { funcname?: string }[];
    };
  };
  const { function: name, errno } = failKernRequest ?? {};
  const what =
    name === undefined
      ? FAILTYPES[(failKernRequest?.failtype ?? 0) as keyof typeof FAILTYPES]
      : [name, errno].filter(Boolean).join(' ');
  const under = failKernRequest?.callchain?.at(-1)?.funcname;
  return under === undefined ? what : `${what} under ${under}`;
}

/** Pods that are not in the desired state, or have a reason to show. */
export function troubledPods({ pods, wanted, phase }: ExperimentView): readonly PodView[] {
  if (!wanted && phase !== 'Recovering') return [];
  const want = wanted ? 'Injected' : 'Not Injected';
  return pods.filter(({ containers }) => containers.some((container) => container.phase !== want));
}
