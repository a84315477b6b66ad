import { chooseTargets, type IOChaosSpec, type KernelChaosSpec } from '@ordeal/experiment';
import type { KubeClient } from '@ordeal/kube';
import { type Scope, SelectionError, selectPods } from './select-pods.js';

/** One container that is a target. */
export interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly podUID: string;
  readonly nodeName: string;
  readonly container: string;
}

/**
 * Chooses the targets of an experiment: pods by selector and mode, then their containers. Empty if random-max-percent
 * drew none.
 *
 * @param random uniform in [0, 1)
 * @throws SelectionError if there is nothing to choose from
 */
export async function selectTargets(
  client: KubeClient,
  spec: Pick<KernelChaosSpec | IOChaosSpec, 'selector' | 'mode' | 'value' | 'containerNames'>,
  scope: Scope,
  random: () => number = Math.random,
): Promise<Target[]> {
  const candidates = await selectPods(client, spec.selector, scope);
  if (candidates.length === 0)
    throw new SelectionError('NoPodSelected', 'no running pod matches the selector');
  const indices = chooseTargets(candidates.length, spec.mode, spec.value, random);
  const targets = indices.flatMap((index) => {
    const candidate = candidates[index];
    if (candidate === undefined) return [];
    const { namespace, name: pod, uid: podUID, nodeName, containers } = candidate;
    const wanted =
      spec.containerNames.length > 0 ? [...new Set(spec.containerNames)] : containers.slice(0, 1);
    return wanted
      .filter((name) => containers.includes(name))
      .map((container) => ({ namespace, pod, podUID, nodeName, container }));
  });
  if (targets.length === 0 && indices.length > 0) {
    const names = spec.containerNames.join(', ');
    throw new SelectionError('NoContainerSelected', `none of the chosen pods has a container named ${names}`);
  }
  return targets;
}
