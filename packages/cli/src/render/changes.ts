import type { ExperimentView, PodView } from '../cluster/experiment-view.js';
import { shortName } from '../cluster/kinds.js';
import type { Paint } from '../output/paint.js';
import { podCells } from './cluster.js';
import { counted } from './number.js';

export interface ChangeOptions {
  readonly now: Date;
  /** Experiments of several namespaces are watched. */
  readonly withNamespace: boolean;
}

type Views = ReadonlyMap<string, ExperimentView>;

/** A line for each experiment and each of its pods that has changed. */
export function renderChanges(
  before: Views,
  after: Views,
  { now, withNamespace }: ChangeOptions,
  paint: Paint,
): string {
  const time = paint('aside', now.toISOString().slice(11, 19));
  const lines: string[] = [];
  for (const [key, view] of after) {
    const old = before.get(key);
    const name = nameOf(view, withNamespace);
    const words = experimentWords(view);
    if (old === undefined || experimentWords(old) !== words) lines.push(`${time}  ${name}  ${words}`);
    const pods = new Map(old?.pods.map((pod) => [podKey(pod), podWords(pod, view)]));
    for (const pod of view.pods) {
      const text = podWords(pod, view);
      if (pods.get(podKey(pod)) !== text) lines.push(`${time}  ${name}  ${text}`);
    }
  }
  for (const [key, view] of before) {
    if (!after.has(key)) lines.push(`${time}  ${nameOf(view, withNamespace)}  gone`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function nameOf({ kind, namespace, name }: ExperimentView, withNamespace: boolean): string {
  return withNamespace ? `${namespace}/${shortName(kind, name)}` : shortName(kind, name);
}

function experimentWords({ phase, injected, targets, faults, message }: ExperimentView): string {
  const words = `${phase}  ${injected}/${targets}  ${counted(faults, 'fault')}`;
  return message === '' ? words : `${words}  ${message}`;
}

function podKey({ namespace, pod }: PodView): string {
  return `${namespace}/${pod}`;
}

function podWords(pod: PodView, { namespace }: ExperimentView): string {
  return podCells(pod, pod.namespace !== namespace).join('  ');
}
