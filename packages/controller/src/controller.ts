import {
  countedBy,
  EventRecorder,
  isConflict,
  type KubeClient,
  Metrics,
  type Outcome,
  Reflector,
  WorkQueue,
} from '@ordeal/kube';
import {
  type ChaosKind,
  chaosResources,
  type ExperimentObject,
  injections,
  remoteClusters,
  schedules,
} from './api/kinds.js';
import { ExperimentReconciler } from './experiment/experiment-reconciler.js';
import { InjectionIndex } from './injection-index.js';
import { OldGroupReconciler } from './old-group/old-group-reconciler.js';
import { OLD_GROUP, oldResources } from './old-group/old-resources.js';
import { Remotes } from './remote/remotes.js';
import { ScheduleReconciler } from './schedule/schedule-reconciler.js';
import type { Scope } from './select/select-pods.js';

export interface ControllerOptions {
  /** Which namespaces it reaches. */
  readonly scope: Scope;
  /** Whether experiments of the old group are carried out, too. Default: false. */
  readonly oldGroup?: boolean;
  /** Whether RemoteClusters are supported. Default: false. */
  readonly remoteClusters?: boolean;
  /** How long a deleted object waits for its unreachable remote cluster. Default: a minute. */
  readonly patienceMs?: number;
  /** The metrics are added here. */
  readonly metrics?: Metrics;
  /** Called for each error that is retried. */
  readonly onError: (what: string, error: unknown) => void;
}

const AFTER_CONFLICT_MS = 50;
const KINDS = Object.keys(chaosResources) as ChaosKind[];

/** A kind of the old group among the keys of the queue. */
const oldKey = (kind: ChaosKind) => `${kind}.${OLD_GROUP}`;

/** Carries out the experiments of a cluster until the signal ends it. Only one may run at a time. */
export async function runController(
  client: KubeClient,
  {
    scope,
    onError,
    oldGroup: withOldGroup = false,
    remoteClusters: withRemotes = false,
    patienceMs = 60_000,
    metrics = new Metrics(),
  }: ControllerOptions,
  signal: AbortSignal,
): Promise<void> {
  const events = new EventRecorder(client, 'ordeal', (error) => onError('event', error));
  const index = new InjectionIndex();
  const namespace = scope.namespace;
  const watched = (what: string) => ({ namespace, onError: (error: unknown) => onError(what, error) });
  const experiments = new ExperimentReconciler({
    client,
    events,
    scope,
    injectionsOf: (uid) => index.of(uid),
  });
  const scheduled = new ScheduleReconciler({ client, events });
  const oldGroup = new OldGroupReconciler({ client, events });
  // Empty until the injections are known: an experiment would seem to have none before, and a copy no original.
  const reflectors: { [kind in ChaosKind]?: Reflector<ExperimentObject> } = {};
  const oldReflectors: { [kind in ChaosKind]?: Reflector<ExperimentObject> } = {};
  const handle = async (key: string): Promise<Outcome> => {
    const [kind, inNamespace, name = ''] = key.split('/') as [ChaosKind | 'Schedule', string, string];
    if (key.startsWith(`${remoteClusters.kind}/`)) return remotes?.reconcile(name);
    const old = KINDS.find((each) => kind === oldKey(each));
    if (old !== undefined) {
      const [original, copy] = [oldReflectors, reflectors].map((of) => of[old]?.get(inNamespace, name));
      return oldGroup.reconcile(old, original, copy);
    }
    if (kind === 'Schedule') {
      const schedule = scheduleReflector.get(inNamespace, name);
      return schedule && scheduled.reconcile(schedule);
    }
    const object = reflectors[kind]?.get(inNamespace, name);
    if (object?.spec.remoteCluster && remotes !== undefined)
      return remotes.experiments.reconcile(kind, object);
    return object && experiments.reconcile(kind, object);
  };
  const steps = metrics.counter(
    'ordeal_controller_steps_total',
    'Objects that were reconciled, by their kind.',
  );
  const queue = new WorkQueue({
    handle(key) {
      steps.add({ kind: key.slice(0, key.indexOf('/')) });
      return handle(key).catch(afterConflict);
    },
    onError: (key, error) => onError(key, error),
  });
  const remotes = withRemotes
    ? new Remotes(client, {
        events,
        onError,
        patienceMs,
        add: (key) => queue.add(key),
        *experimentsOf(cluster) {
          for (const kind of KINDS) {
            for (const { metadata, spec } of reflectors[kind]?.objects() ?? []) {
              if (spec.remoteCluster === cluster) yield `${kind}/${metadata.namespace}/${metadata.name}`;
            }
          }
        },
      })
    : undefined;
  const scheduleReflector = new Reflector(client, schedules, {
    ...watched('Schedule'),
    onChange: ({ metadata }) => queue.add(`Schedule/${metadata.namespace}/${metadata.name}`),
  });
  const injectionReflector = new Reflector(client, injections, {
    ...watched('injections'),
    onChange(injection, _previous, gone) {
      index.update(injection, gone);
      const { kind, name } = injection.spec.experiment;
      queue.add(`${kind}/${injection.metadata.namespace}/${name}`);
    },
  });
  metrics.gauge('ordeal_injections', 'Injections by their phase.', () =>
    countedBy(injectionReflector.objects(), ({ status }) => ({ phase: status?.phase ?? 'New' })),
  );
  metrics.gauge('ordeal_experiments', 'Experiments by their kind and phase.', () =>
    KINDS.flatMap((kind) =>
      countedBy(reflectors[kind]?.objects() ?? [], ({ status }) => ({ kind, phase: status?.phase ?? 'New' })),
    ),
  );
  if (withOldGroup) {
    for (const kind of KINDS) {
      oldReflectors[kind] = new Reflector(client, oldResources[kind], {
        ...watched(oldKey(kind)),
        onChange: ({ metadata }) => queue.add(`${oldKey(kind)}/${metadata.namespace}/${metadata.name}`),
      });
    }
  }
  const before = [injectionReflector, ...Object.values(oldReflectors)];
  await Promise.race([Promise.all(before.map(({ synced }) => synced)), aborted(signal)]);
  for (const kind of KINDS) {
    reflectors[kind] = new Reflector(client, chaosResources[kind], {
      ...watched(kind),
      onChange({ metadata }: ExperimentObject) {
        queue.add(`${kind}/${metadata.namespace}/${metadata.name}`);
        if (withOldGroup) queue.add(`${oldKey(kind)}/${metadata.namespace}/${metadata.name}`);
        const schedule = metadata.ownerReferences?.find((owner) => owner.kind === schedules.kind);
        if (schedule !== undefined) queue.add(`Schedule/${metadata.namespace}/${schedule.name}`);
      },
    });
  }
  await aborted(signal);
  const all = [...before, scheduleReflector, ...Object.values(reflectors)];
  await Promise.all(all.map((reflector) => reflector.close()));
  await queue.close();
  await remotes?.close();
}

/** The object has changed since it was read: its new version is handled soon. */
function afterConflict(error: unknown): Outcome {
  if (!isConflict(error)) throw error;
  return { againAfterMs: AFTER_CONFLICT_MS };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
