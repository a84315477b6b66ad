import type { ExperimentView } from '../cluster/experiment-view.js';
import { shortName } from '../cluster/kinds.js';
import type { StoryLine } from '../cluster/story.js';
import type { Paint } from '../output/paint.js';
import { podCells } from './cluster.js';
import { counted, grouped } from './number.js';
import { renderStoryLine } from './story.js';
import { renderTable } from './table.js';
import { span } from './time.js';

/** Everything about one experiment. */
export function renderExperiment(
  view: ExperimentView,
  story: readonly StoryLine[],
  now: number,
  paint: Paint,
): string {
  const {
    kind,
    namespace,
    name,
    fault,
    phase,
    message,
    injected,
    targets,
    faults,
    endsAt,
    conditions,
    pods,
  } = view;
  const end =
    endsAt === undefined
      ? 'it is deleted or paused'
      : `${endsAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}${leftOf(view, now)}`;
  const rows = [
    ['phase', message === '' ? phase : `${phase}: ${message}`],
    ['targets', `${injected} of ${counted(targets, 'container')} under faults`],
    ['faults', grouped(faults)],
    ['until', end],
  ];
  const parts = [
    `${shortName(kind, name)}   ${fault}   namespace ${namespace}\n${indented(renderTable(rows))}`,
  ];
  if (conditions.length > 0) {
    const cells = conditions.map((each) => [each.type, each.status, each.reason, each.message ?? '']);
    parts.push(`Conditions\n${indented(renderTable(cells))}`);
  }
  if (pods.length > 0) {
    const cells = pods.map((pod) => podCells(pod, pod.namespace !== namespace));
    parts.push(`Pods\n${indented(renderTable(cells))}`);
    const counters = countersOf(view);
    if (counters.length > 0) parts.push(`Counters\n${indented(renderTable(counters))}`);
  }
  parts.push(`History\n${indented(story.map((line) => renderStoryLine(line, paint)).join(''))}`);
  return parts.join('\n');
}

function leftOf({ endsAt, wanted }: ExperimentView, now: number): string {
  return wanted && endsAt !== undefined ? `, ${span(Math.max(0, Date.parse(endsAt) - now))} left` : '';
}

/** The counters of all pods, by their names. */
function countersOf({ pods }: ExperimentView): string[][] {
  const sums = new Map<string, number>();
  for (const { counters } of pods) {
    for (const [name, count] of Object.entries(counters)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [name, grouped(count)]);
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
