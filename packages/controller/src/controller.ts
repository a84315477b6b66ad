import { EventRecorder, type KubeClient, Reflector, WorkQueue } from '@ordeal/kube';
import { type ChaosKind, chaosResources, type ExperimentObject, injections, schedules } from './api/kinds.js';
import { ExperimentReconciler } from './experiment/experiment-reconciler.js';
import { InjectionIndex } from './injection-index.js';
import { ScheduleReconciler } from './schedule/schedule-reconciler.js';
import type { Scope } from './select/select-pods.js';

export interface ControllerOptions {
  /** Which namespaces it reaches. */
  readonly scope: Scope;
  /** Told about everything that went wrong and is tried again. */
  readonly onError: (what: string, error: unknown) => void;
}

const KINDS = Object.keys(chaosResources) as ChaosKind[];

/** Carries out the experiments of a cluster until the signal ends it. Only one may run at a time. */
export async function runController(
  client: KubeClient,
  { scope, onError }: ControllerOptions,
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
  const queue = new WorkQueue({
    handle: async (key) => {
      const [kind, inNamespace, name = ''] = key.split('/') as [ChaosKind | 'Schedule', string, string];
      if (kind === 'Schedule') {
        const schedule = scheduleReflector.get(inNamespace, name);
        return schedule && scheduled.reconcile(schedule);
      }
      const object = reflectors[kind].get(inNamespace, name);
      return object && experiments.reconcile(kind, object);
    },
    onError: (key, error) => onError(key, error),
  });
  const injectionReflector = new Reflector(client, injections, {
    ...watched('injections'),
    onChange(injection, _previous, gone) {
      index.update(injection, gone);
      const { kind, name } = injection.spec.experiment;
      queue.add(`${kind}/${injection.metadata.namespace}/${name}`);
    },
  });
  // An experiment that is looked at before its injections are known would seem to have none.
  await Promise.race([injectionReflector.synced, aborted(signal)]);
  const reflect = (kind: ChaosKind) =>
    new Reflector(client, chaosResources[kind], {
      ...watched(kind),
      onChange({ metadata }: ExperimentObject) {
        queue.add(`${kind}/${metadata.namespace}/${metadata.name}`);
        const schedule = metadata.ownerReferences?.find((owner) => owner.kind === schedules.kind);
        if (schedule !== undefined) queue.add(`Schedule/${metadata.namespace}/${schedule.name}`);
      },
    });
  const scheduleReflector = new Reflector(client, schedules, {
    ...watched('Schedule'),
    onChange: ({ metadata }) => queue.add(`Schedule/${metadata.namespace}/${metadata.name}`),
  });
  const reflectors = { KernelChaos: reflect('KernelChaos'), IOChaos: reflect('IOChaos') };
  await aborted(signal);
  const all = [injectionReflector, scheduleReflector, ...KINDS.map((kind) => reflectors[kind])];
  await Promise.all(all.map((reflector) => reflector.close()));
  await queue.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
