import type { Refusal, RunEndReason, RunStatus, RunTarget, TargetName } from '@ordeal/supervisor';
import type { Paint, State } from '../output/paint.js';
import { experimentWords } from './experiment-words.js';
import { grouped } from './number.js';
import { renderTable } from './table.js';
import { span } from './time.js';

const COLOURS: Readonly<Record<RunStatus['state'], State>> = {
  arming: 'aside',
  failed: 'failed',
  active: 'armed',
  paused: 'warned',
  waiting: 'warned',
  scheduled: 'aside',
  stopping: 'aside',
  ended: 'lifted',
};

/**
 * What is held: `shop   active for pid 4211, 4 min 59 s left`, and below it what each document does. Whole lines.
 *
 * @param now milliseconds since 1970
 */
export function renderHeldRun(run: RunStatus, paint: Paint, now: number): string {
  const left = leftWords(run, now);
  const when = run.ended
    ? `, after ${span(run.ended.at - run.since)}${END_REASONS[run.ended.reason]}`
    : left === ''
      ? ''
      : `, ${left} left`;
  const lines = experimentWords(run.documents).map(({ name, summary }) =>
    name === run.name ? `  ${summary}` : `  ${name}   ${summary}`,
  );
  const refused = run.refusal && !run.ended ? [`  ${paint('failed', refusalWords(run.refusal))}`] : [];
  const unrecorded = run.unrecorded
    ? [`  ${paint('failed', `the record is not complete: ${refusalWords(run.unrecorded)}`)}`]
    : [];
  const head = `${run.name}   ${paint(COLOURS[run.state], run.state)} for ${targetWords(run.target)}${when}`;
  return `${[head, ...lines, ...refused, ...unrecorded].join('\n')}\n`;
}

/** The table of `ordeal ps`. */
export function renderHeldRuns(runs: readonly RunStatus[], now: number): string {
  const rows = runs.map((run) => {
    const [first, ...others] = experimentWords(run.documents);
    const what = `${first?.summary ?? ''}${others.length > 0 ? `, and ${others.length} more` : ''}`;
    const age = span((run.ended?.at ?? now) - run.since);
    return [run.name, what, targetWords(run.target), run.state, age, leftWords(run, now), grouped(run.fired)];
  });
  const head = ['NAME', 'FAULTS', 'TARGET', 'STATE', 'AGE', 'LEFT', 'FIRED'];
  return renderTable([head, ...rows]);
}

export const END_REASONS: Readonly<Record<RunEndReason, string>> = {
  deadline: '',
  'target ended': ', when the target ended',
  'kernel log': ', because of the kernel log',
  stopped: ', stopped',
};

export function targetWords(target: RunTarget | TargetName): string {
  switch (target.kind) {
    case 'pid':
      return `pid ${target.pid}`;
    case 'cgroup':
      return `cgroup ${target.path}`;
    case 'container':
      return `container ${/^[0-9a-f]{64}$/.test(target.id) ? target.id.slice(0, 12) : target.id}`;
    case 'pod-container':
      return `container ${target.container} of pod ${target.namespace}/${target.pod}`;
    case 'selector':
      return 'the containers that its selector chooses';
  }
}

/** The command line that repeats a detached run; undefined if it was not started by one. A record has the seed. */
export function heldRepeat({
  repeat,
  seed,
  record,
}: Pick<RunStatus, 'repeat' | 'seed' | 'record'>): string | undefined {
  return repeat === undefined || seed === undefined || record !== undefined
    ? repeat
    : `${repeat} --seed ${seed}`;
}

export function refusalWords({ message, code }: Refusal): string {
  return `${message}  [${code}]`;
}

function leftWords({ deadline, ended }: RunStatus, now: number): string {
  return deadline === undefined || ended ? '' : span(Math.ceil(Math.max(0, deadline - now) / 1000) * 1000);
}
