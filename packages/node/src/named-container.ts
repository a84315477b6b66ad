import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import type { Container } from './containers.js';

/** Labels in which nerdctl and Docker Compose keep a container's name. */
const NAME_LABELS = ['nerdctl/name', 'com.docker.compose.service'];

/** How many running containers are listed. */
const LISTED = 10;

/**
 * The container that the user names: by its id, one of its names, a unique prefix of either, in this order. Undefined
 * if none of them fits.
 *
 * @throws OrdealError ORD-305 with the candidates if several fit equally well
 */
export function namedContainer(text: string, containers: readonly Container[]): Container | undefined {
  const fits: readonly ((container: Container) => boolean)[] = [
    ({ id }) => id === text,
    (container) => namesOf(container).includes(text),
    (container) => [container.id, ...namesOf(container)].some((name) => name.startsWith(text)),
  ];
  for (const fit of text === '' ? [] : fits) {
    const [only, ...others] = containers.filter(fit);
    if (only === undefined) continue;
    if (others.length === 0) return only;
    throw new OrdealError('ORD-305', `Several running containers match '${text}'`, {
      detail: listed([only, ...others]),
      hint: 'Give the id of one of them, or more of its name.',
    });
  }
  return undefined;
}

/** @param containers those that run */
export function noSuchContainer(text: string, containers: readonly Container[]): OrdealError {
  const known = containers.filter(({ sandbox }) => !sandbox);
  const [near] = nearestNames(text, new Set(known.flatMap((each) => [each.id, ...namesOf(each)])), 1);
  const hint =
    near === undefined
      ? 'Give the name or id that the container runtime shows, or use --pid or --cgroup.'
      : `Did you mean ${near}?`;
  return new OrdealError('ORD-305', `No running container matches '${text}'`, {
    detail: listed(known),
    hint,
  });
}

/** The names of a container; of a pod's sandbox, only the id. */
function namesOf({ namespace, podName, name, labels, sandbox }: Container): string[] {
  if (sandbox) return [];
  const own = [name, ...NAME_LABELS.map((label) => labels[label])].flatMap((each) => each ?? []);
  if (podName === undefined) return own;
  const pods = [podName, ...(namespace === undefined ? [] : [`${namespace}/${podName}`])];
  return [...own, ...pods, ...(name === undefined ? [] : pods.map((pod) => `${pod}/${name}`))];
}

function listed(containers: readonly Container[]): string[] {
  const lines = containers.map((container) => {
    const longest = namesOf(container).reduce((a, b) => (b.length > a.length ? b : a), '');
    const { id } = container;
    const short = /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
    return longest === '' ? short : `${short}  ${longest}`;
  });
  const more = lines.length - LISTED;
  return more > 0 ? [...lines.slice(0, LISTED), `and ${more} more`] : lines;
}
