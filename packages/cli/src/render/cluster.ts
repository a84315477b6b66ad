import type { ContainerView, ExperimentView, PodView } from '../cluster/experiment-view.js';
import { troubledPods } from '../cluster/experiment-view.js';
import { shortName } from '../cluster/kinds.js';
import type { ClusterView, ScheduleView } from '../cluster/read-cluster.js';
import type { Paint, State } from '../output/paint.js';
import { counted, grouped } from './number.js';
import { type Cell, renderTable } from './table.js';
import { span } from './time.js';

/** The number of pods that are listed below an experiment. */
const SHOWN = 5;

const STATES: { readonly [phase: string]: State } = {
  Running: 'armed',
  Injecting: 'armed',
  Recovering: 'warned',
  Selecting: 'warned',
  Refused: 'failed',
  Finished: 'lifted',
  Scheduled: 'armed',
  Paused: 'aside',
  New: 'aside',
};

export interface ListOptions {
  /** All namespaces are listed: each row begins with its own. */
  readonly allNamespaces: boolean;
  /** Every pod, not only those that are not in the desired state. */
  readonly pods: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A line for each experiment and, below it, for each pod that is not in the desired state; then the schedules. */
export function renderCluster(
  { experiments, schedules }: ClusterView,
  options: ListOptions,
  paint: Paint,
): string {
  const parts: string[] = [];
  if (experiments.length > 0) parts.push(renderExperiments(experiments, options, paint));
  if (schedules.length > 0) parts.push(renderSchedules(schedules, options));
  return parts.length === 0 ? 'no experiments and no schedules\n' : parts.join('\n');
}

function renderExperiments(
  experiments: readonly ExperimentView[],
  options: ListOptions,
  paint: Paint,
): string {
  const head = ['NAME', 'FAULT', 'PHASE', 'TARGETS', 'FAULTS', 'LEFT', 'AGE'];
  const rows = experiments.map((view) =>
    inNamespace(view, options, experimentCells(view, options.now, paint)),
  );
  const lines = renderTable([inNamespace({ namespace: 'NAMESPACE' }, options, head), ...rows]).split('\n');
  const below = experiments.map((view) => troubleOf(view, options, paint));
  return lines.map((line, index) => (line === '' ? '' : `${line}\n${below[index - 1] ?? ''}`)).join('');
}

/** The cells of an experiment's row after the namespace. */
export function experimentCells(view: ExperimentView, now: number, paint: Paint): Cell[] {
  const { kind, name, fault, injected, targets, faults, endsAt, createdAt, wanted } = view;
  const left = wanted && endsAt !== undefined ? span(Math.max(0, Date.parse(endsAt) - now)) : '-';
  return [
    shortName(kind, name),
    fault,
    phaseCell(view, paint),
    `${injected}/${targets}`,
    grouped(faults),
    left,
    span(Math.max(0, now - Date.parse(createdAt))),
  ];
}

function phaseCell({ phase, deleting }: ExperimentView, paint: Paint): Cell {
  const text = deleting && phase !== 'Recovering' ? `${phase}, deleted` : phase;
  return { text, painted: paint(STATES[phase] ?? 'aside', text) };
}

function troubleOf(view: ExperimentView, { pods, allNamespaces }: ListOptions, paint: Paint): string {
  const shown = pods ? view.pods : troubledPods(view).slice(0, SHOWN);
  const rest = pods ? 0 : troubledPods(view).length - shown.length;
  const rows = shown.map((pod) => podCells(pod, allNamespaces || pod.namespace !== view.namespace));
  const lines = renderTable(rows).split('\n').filter(Boolean);
  if (rest > 0) lines.push(`and ${counted(rest, 'more pod')}; --pods shows all`);
  if (lines.length === 0 && view.message !== '') lines.push(view.message);
  return lines.map((line) => `  ${paint('aside', line)}\n`).join('');
}

/** One pod: its node, its agent's count of faults, and the state of each container. */
export function podCells(
  { namespace, pod, node, faults, containers }: PodView,
  withNamespace: boolean,
): string[] {
  const name = withNamespace ? `${namespace}/${pod}` : pod;
  const count = faults === undefined ? '-' : counted(faults, 'fault');
  return [name, node, count, containers.map(containerWords).join('; ')];
}

function containerWords({ name, phase, restarts, reason, message }: ContainerView): string {
  const why = message ?? reason;
  const again = restarts > 0 ? `, ${counted(restarts, 'restart')}` : '';
  return `${name}: ${phase}${again}${why === undefined ? '' : `: ${why}`}`;
}

function renderSchedules(schedules: readonly ScheduleView[], options: ListOptions): string {
  const ago = (time: string | undefined) =>
    time === undefined ? '-' : `${span(Math.max(0, options.now - Date.parse(time)))} ago`;
  const until = (time: string | undefined) =>
    time === undefined ? '-' : `in ${span(Math.max(0, Date.parse(time) - options.now))}`;
  const rows = schedules.map((view) =>
    inNamespace(view, options, [
      shortName(view.kind, view.name),
      view.schedule,
      view.type,
      ago(view.last),
      until(view.next),
      view.active.join(', ') || '-',
      view.message,
    ]),
  );
  const head = ['NAME', 'SCHEDULE', 'TYPE', 'LAST', 'NEXT', 'ACTIVE', ''];
  return renderTable([inNamespace({ namespace: 'NAMESPACE' }, options, head), ...rows]);
}

function inNamespace(
  { namespace }: { readonly namespace: string },
  { allNamespaces }: ListOptions,
  cells: readonly Cell[],
): Cell[] {
  return allNamespaces ? [namespace, ...cells] : [...cells];
}
