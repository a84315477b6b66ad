import { PAUSE } from '@ordeal/controller';
import { FaultHistory } from '@ordeal/node';
import type { Change, Host, Report, ShownRun } from '@ordeal/ui';
import { renderReport } from '@ordeal/ui';
import type { Cluster } from '../cluster/cluster-flags.js';
import { type ExperimentView, troubledPods } from '../cluster/experiment-view.js';
import { namedOne, shortName, wantedOf } from '../cluster/kinds.js';
import { readCluster } from '../cluster/read-cluster.js';
import { type ExperimentDetail, readExperiment } from '../cluster/read-experiment.js';
import { podCells } from '../render/cluster.js';
import { counted } from '../render/number.js';
import { span } from '../render/time.js';
import { errorText } from './page-host.js';

/** The experiments of a cluster for their page, with what the user of the kubeconfig may do. */
export function clusterHost(cluster: Cluster): Host {
  const histories = new Map<string, FaultHistory>();
  const { namespace } = cluster;
  return {
    name: namespace === undefined ? 'a cluster' : `a cluster, namespace ${namespace}`,
    starting: undefined,
    change: (change, name) => changeExperiment(cluster, change, name),
    report: async (name) => {
      const { namespace, resource, object } = placeOf(name);
      return renderReport(
        clusterReport(await readExperiment({ ...cluster, namespace }, resource, object), Date.now()),
      );
    },
    runs: async () => {
      const { experiments, refusals } = await readCluster(cluster, wantedOf(undefined));
      const now = Date.now();
      const names = new Set(experiments.map(keyOf));
      for (const key of histories.keys()) if (!names.has(key)) histories.delete(key);
      return experiments.map((view) => {
        const history = histories.get(keyOf(view)) ?? new FaultHistory(now, view.faults);
        histories.set(keyOf(view), history);
        history.note(now, view.faults);
        return shownExperiment(view, history, refusals, now);
      });
    },
    errorText,
  };
}

/** An experiment as the page shows it. Its faults over time are those since the page is looked at. Pure. */
export function shownExperiment(
  view: ExperimentView,
  history: Pick<FaultHistory, 'bins'>,
  refusals: readonly string[],
  now: number,
): ShownRun {
  const { phase, deleting, fault, injected, targets, faults, endsAt, wanted, message } = view;
  const left = wanted && endsAt !== undefined ? [`${span(Math.max(0, Date.parse(endsAt) - now))} left`] : [];
  const troubles = troubledPods(view).map((pod) => podCells(pod, false).join('   '));
  return {
    name: nameOf(view),
    state: deleting ? `${phase}, deleted` : phase,
    live: !deleting && phase !== 'Finished',
    paused: phase === 'Paused',
    summaries: [fault],
    target: `${injected} of ${counted(targets, 'target')}`,
    counts: [counted(faults, 'fault'), ...left].join('   '),
    refusal: [message, ...troubles, ...refusals].filter((text) => text !== '').join('\n'),
    faults: history.bins,
  };
}

function clusterReport({ view, story, refusals }: ExperimentDetail, now: number): Report {
  const { phase, message, faults, fault, namespace, conditions, pods, createdAt, injected, targets } = view;
  return {
    title: nameOf(view),
    outcome: {
      kind: phase === 'Refused' ? 'failed' : 'ok',
      words: `${[phase, message].filter(Boolean).join(', ')}: ${counted(faults, 'fault')}`,
    },
    facts: [
      ['namespace', namespace],
      ['created', `${createdAt}, ${span(now - Date.parse(createdAt))} ago`],
      ['targets', `${injected} of ${targets} under faults`],
      ...refusals.map((refusal) => ['not shown', refusal] as const),
    ],
    experiments: [
      {
        name: view.name,
        summary: fault,
        rows: conditions.map(({ type, status, reason, message }) => [
          type,
          [status, reason, message].filter(Boolean).join('   '),
        ]),
        tables: [
          { head: ['pod', 'node', 'faults', 'containers'], rows: pods.map((pod) => podCells(pod, true)) },
        ],
      },
    ],
    faults: [],
    story: story.map(({ time, target, what }) => ({
      at: time,
      text: [target, what].filter(Boolean).join('  '),
    })),
    processes: [],
    documents: [],
    repeat: undefined,
  };
}

async function changeExperiment({ client }: Cluster, change: Change, name: string): Promise<void> {
  const { namespace, resource, object } = placeOf(name);
  const place = { namespace, name: object };
  if (change === 'stop') return client.delete(resource, place);
  const annotations = { [PAUSE]: change === 'pause' ? 'true' : null };
  await client.patch(resource, place, { metadata: { annotations } });
}

/** `shop/iochaos/slow` */
function nameOf({ namespace, kind, name }: ExperimentView): string {
  return `${namespace}/${shortName(kind, name)}`;
}

/** Another one where an experiment of the same name was made again. */
function keyOf(view: ExperimentView): string {
  return `${nameOf(view)} ${view.createdAt}`;
}

/** What {@link nameOf} names. @throws OrdealError ORD-901 */
function placeOf(text: string) {
  const [namespace = '', ...rest] = text.split('/');
  const { resource, name } = namedOne(rest.join('/'));
  return { namespace, resource, object: name };
}
