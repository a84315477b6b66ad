import { parseDocuments } from '@ordeal/experiment';
import type { LogEvent, RunTarget, RunWithHistory, Status } from '@ordeal/supervisor';
import type { Report, ReportedExperiment, Row } from '@ordeal/ui';
import { plain } from '../output/paint.js';
import { experimentWords } from '../render/experiment-words.js';
import { outcomeOf } from '../render/held-counts.js';
import { END_REASONS, heldRepeat, refusalWords, targetWords } from '../render/held-run.js';
import { renderLogEvent } from '../render/log-event.js';
import { counted } from '../render/number.js';
import { shellWords } from '../render/shell-words.js';
import { faultTables } from './fault-tables.js';
import { hostFacts } from './run-report.js';

/** The report of a detached run as it is. Pure but for the name of the host. @param now milliseconds since 1970 */
export function heldReport(run: RunWithHistory, log: readonly LogEvent[], now: number): Report {
  const { name, documents, target, since, ended, history } = run;
  return {
    title: name,
    outcome: { kind: ended?.early || run.state === 'failed' ? 'failed' : 'ok', words: outcomeWords(run) },
    facts: [['for', targetWords(target)], ...hostFacts(since, ended?.at ?? now)],
    experiments: reportedExperiments(run),
    faults: history ? [{ name, bins: history }] : [],
    story: log.map((event) => ({ at: event.at, text: storyText(event) })),
    processes: [],
    documents,
    repeat: heldRepeat(run) ?? shellWords(repeatWords(run)),
  };
}

function outcomeWords({ state, fired, ended, refusal }: RunWithHistory): string {
  const faults = counted(fired, 'fault');
  if (ended) return `lifted${END_REASONS[ended.reason]}: ${faults}`;
  return `${state}: ${faults} so far${refusal ? `; ${refusalWords(refusal)}` : ''}`;
}

function reportedExperiments({ documents, injections }: RunWithHistory): ReportedExperiment[] {
  const words = new Map(experimentWords(documents).map(({ name, summary }) => [name, summary]));
  const experiments = documents.flatMap((document) => parseDocuments(document, '').experiments);
  return experiments.map((experiment) => {
    const own = injections.filter((injection) => injection.experiment === experiment.name);
    return {
      name: experiment.name,
      summary: words.get(experiment.name) ?? '',
      rows: own.map(injectionRow),
      tables: own.length === 0 ? [] : faultTables(outcomeOf(experiment, own)),
    };
  });
}

function injectionRow({ target, phase, counts, ended, refusal, left }: Status): Row {
  const state = `${phase}${ended ? END_REASONS[ended] : ''}: ${counted(counts.fired, 'fault')}`;
  const refused = refusal ? [refusalWords(refusal)] : [];
  return [
    targetWords(target),
    [state, ...refused, ...left.map((line) => `not moved back: ${line}`)].join('\n'),
  ];
}

/** Without the time of day, which stands beside it. */
function storyText(event: LogEvent): string {
  return renderLogEvent(event, plain).slice('12:04:11'.length).trim();
}

function repeatWords({ name, target, duration }: RunWithHistory): string[] {
  const time = duration === undefined ? [] : ['--duration', `${duration}ms`];
  return [
    'sudo',
    'ordeal',
    'run',
    '--detach',
    `${name}.yaml`,
    '--name',
    name,
    ...targetFlags(target),
    ...time,
  ];
}

function targetFlags(target: RunTarget): string[] {
  switch (target.kind) {
    case 'pid':
      return ['--pid', String(target.pid)];
    case 'cgroup':
      return ['--cgroup', target.path];
    case 'container':
      return ['--container', target.id];
    case 'pod-container':
      return ['--container', `${target.namespace}/${target.pod}/${target.container}`];
    case 'selector':
      return ['--container', 'selector'];
  }
}
