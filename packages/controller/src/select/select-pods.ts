import type { Selector } from '@ordeal/experiment';
import { type KubeClient, namespaces, nodes, type Pod, pods } from '@ordeal/kube';
import { equalities, fieldSelectorOf, labelSelectorOf, podMatches } from './pod-selection.js';

/** The kept fields of a matching pod. */
export interface Candidate {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly nodeName: string;
  readonly containers: readonly string[];
}

/** Which namespaces an installation may reach. */
export interface Scope {
  /** Only this one; all when not given. */
  readonly namespace?: string;
  /** Only those with the annotation `chaos-mesh.org/inject: enabled`. */
  readonly optIn?: boolean;
}

const OPT_IN = 'chaos-mesh.org/inject';

/** A temporary obstacle to a selection. */
export class SelectionError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'SelectionError';
    this.reason = reason;
  }
}

/**
 * The matching pods that are on a node and not finished. Listed page by page, filtered by the API server as far as it
 * can; the others are not kept.
 *
 * @throws SelectionError if the selector leaves the scope or names a node that does not exist
 */
export async function selectPods(client: KubeClient, selector: Selector, scope: Scope): Promise<Candidate[]> {
  const found: Candidate[] = [];
  const take = (pod: Pod | undefined) => {
    if (pod !== undefined && canBeInjected(pod)) found.push(candidateOf(pod));
  };
  if (Object.keys(selector.pods).length > 0) {
    for (const [namespace, names] of Object.entries(selector.pods)) {
      if (scope.namespace !== undefined && namespace !== scope.namespace) continue;
      if (!(await isOptedIn(client, namespace, scope))) continue;
      for (const name of new Set(names)) take(await client.find(pods, { namespace, name }));
    }
    return found;
  }
  checkScope(selector, scope);
  const chosenNodes = await selectNodes(client, selector);
  const query = { labelSelector: labelSelectorOf(selector), fieldSelector: fieldSelectorOf(selector) };
  for (const namespace of new Set(selector.namespaces)) {
    if (!(await isOptedIn(client, namespace, scope))) continue;
    for await (const pod of client.list(pods, { namespace, ...query })) {
      if (podMatches(selector, pod, chosenNodes)) take(pod);
    }
  }
  return found;
}

function checkScope({ namespaces: wanted }: Selector, { namespace }: Scope): void {
  const outside = namespace === undefined ? undefined : wanted.find((name) => name !== namespace);
  if (outside === undefined) return;
  throw new SelectionError(
    'OutOfScope',
    `this installation only reaches namespace ${namespace}, the selector names ${outside}`,
  );
}

async function isOptedIn(client: KubeClient, name: string, { optIn }: Scope): Promise<boolean> {
  if (!optIn) return true;
  const namespace = await client.find(namespaces, { name });
  return namespace?.metadata.annotations?.[OPT_IN] === 'enabled';
}

/** The union of the named nodes and those with the labels; undefined if the selector has neither. */
async function selectNodes(
  client: KubeClient,
  { nodes: names, nodeSelectors }: Selector,
): Promise<ReadonlySet<string> | undefined> {
  const labelled = Object.keys(nodeSelectors).length > 0;
  if (names.length === 0 && !labelled) return undefined;
  const chosen = new Set<string>();
  for (const name of names) {
    if ((await client.find(nodes, { name })) === undefined) {
      throw new SelectionError('NoSuchNode', `nodes: there is no node '${name}'`);
    }
    chosen.add(name);
  }
  if (labelled) {
    const query = { labelSelector: equalities(nodeSelectors) };
    for await (const { metadata } of client.list(nodes, query)) chosen.add(metadata.name);
  }
  return chosen;
}

/** A pod without a node, or one that has ended, has no processes for faults. */
function canBeInjected({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function candidateOf({ metadata, spec }: Pod): Candidate {
  const { name, namespace = '', uid } = metadata;
  const containers = spec.containers.map((container) => container.name);
  return { namespace, name, uid, nodeName: spec.nodeName ?? '', containers };
}
