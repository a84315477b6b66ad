import { createHash } from 'node:crypto';
import { apiVersionOf, type Draft, timestamp } from '@ordeal/kube';
import {
  type ChaosKind,
  type ContainerRecord,
  chaosResources,
  type ExperimentObject,
  type Injection,
  type InjectionSpec,
} from '../api/kinds.js';
import { TARGET_FIELDS } from '../crd/injection-crd.js';
import type { Target } from '../select/select-targets.js';
import { targetOf } from './records.js';

/** Holds an Injection until the agent has lifted its faults. */
export const AGENT_FINALIZER = 'chaos-mesh.org/agent';
/** Carries the experiment's uid, so that all of its Injections can be found. */
export const EXPERIMENT_LABEL = 'chaos-mesh.org/experiment-uid';

/**
 * The Injections that an experiment wants, one for each pod. The same records give the same names, so that creating
 * them is idempotent.
 */
export function injectionDrafts(
  object: ExperimentObject,
  kind: ChaosKind,
  records: readonly ContainerRecord[],
  endsAt: number | undefined,
): Draft<Injection>[] {
  const { name, namespace = '', uid } = object.metadata;
  const byPod = new Map<string, Target[]>();
  for (const target of records.map(targetOf)) {
    byPod.set(target.podUID, [...(byPod.get(target.podUID) ?? []), target]);
  }
  return [...byPod].map(([podUID, targets]) => {
    const [target] = targets as [Target, ...Target[]];
    const spec: InjectionSpec = {
      experiment: { kind, name, uid },
      nodeName: target.nodeName,
      pod: { namespace: target.namespace, name: target.pod, uid: podUID },
      containerNames: targets.map(({ container }) => container),
      ...(endsAt === undefined ? {} : { deadline: deadlineOf(endsAt) }),
      [kind === 'IOChaos' ? 'ioChaos' : 'kernelChaos']: faultOf(object.spec),
    };
    const owner = {
      apiVersion: apiVersionOf(chaosResources[kind]),
      kind,
      name,
      uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    return {
      metadata: {
        namespace,
        name: injectionName(name, uid, podUID),
        labels: { [EXPERIMENT_LABEL]: uid },
        finalizers: [AGENT_FINALIZER],
        ownerReferences: [owner],
      },
      spec,
    };
  });
}

/** A deadline in the API's format: whole seconds, rounded up. */
export function deadlineOf(endsAt: number): string {
  return timestamp(new Date(Math.ceil(endsAt / 1000) * 1000));
}

function injectionName(experiment: string, uid: string, podUID: string): string {
  const hash = createHash('sha256').update(`${uid} ${podUID}`).digest('hex').slice(0, 10);
  return `${experiment.slice(0, 200).replace(/[-.]+$/, '')}-${hash}`;
}

function faultOf(spec: ExperimentObject['spec']): { readonly [field: string]: unknown } {
  const isTarget = (field: string) => (TARGET_FIELDS as readonly string[]).includes(field);
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !isTarget(field)));
}
