import { OrdealError } from '@ordeal/diagnostics';
import { chooseTargets, type KernelChaosSpec, selectorMatchesLabels } from '@ordeal/experiment';
import { containerTarget } from './container-target.js';
import { type Container, listContainers } from './containers.js';
import type { Target } from './target.js';

type TargetSpec = Pick<KernelChaosSpec, 'selector' | 'mode' | 'value' | 'containerNames'>;

/** Containers that an experiment's own selector and mode choose. */
export interface SelectedContainers {
  readonly targets: readonly Target[];
  /** Of the same containers, in the same order. */
  readonly ids: readonly string[];
  /** Parts of the selector that only a cluster can evaluate, and that were not. */
  readonly unevaluated: readonly string[];
}

/**
 * Chooses among the containers that run on this host, as a cluster would among pods: those whose labels the selector
 * matches and whose names are in `containerNames`, if it is given; of those as many as `mode` and `value` say.
 *
 * @param random uniform in [0, 1)
 * @throws OrdealError ORD-305 if none matches
 */
export function selectContainers(
  { selector, mode, value, containerNames }: TargetSpec,
  containers: readonly Container[] = listContainers(),
  random: () => number = Math.random,
): SelectedContainers {
  const unevaluated = new Set<string>();
  const matching = containers.filter(({ namespace, podName, name, id, labels, sandbox }) => {
    if (sandbox || (containerNames.length > 0 && !containerNames.includes(name ?? id))) return false;
    const candidate = { namespace, name: podName ?? id, labels, annotations: labels };
    const match = selectorMatchesLabels(selector, candidate);
    for (const part of match.unevaluated) unevaluated.add(part);
    return match.matches;
  });
  if (matching.length === 0) {
    const running = containers.map(({ id }) => id.slice(0, 12)).join(', ') || 'none';
    throw new OrdealError('ORD-305', `The selector matches no running container (running: ${running})`);
  }
  const chosen = chooseTargets(matching.length, mode, value, random);
  const ids = chosen.flatMap((index) => matching[index]?.id ?? []);
  return { targets: ids.map(containerTarget), ids, unevaluated: [...unevaluated] };
}
