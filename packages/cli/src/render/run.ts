import {
  type EndedProcesses,
  type LiftReason,
  RUN_EXIT,
  type RunEvent,
  type SiteSummary,
} from '@ordeal/node';
import type { Paint } from '../output/paint.js';
import { backWords, mechanismWords, summaryWords, underWords, whyNotWords } from './fault-words.js';
import { runNoteWords } from './note-words.js';
import { counted, grouped, ordinal } from './number.js';
import { undoLogWords } from './power-loss.js';
import { reachWords } from './reach-words.js';
import { shareWords } from './share.js';
import { sparkline } from './sparkline.js';
import { renderStack } from './stack.js';
import { clock, nanosecondSpan, span } from './time.js';

/** One kind of event. */
export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

/** What the text depends on besides the event. */
export interface RunView {
  readonly paint: Paint;
  readonly columns: number;
  /** The run has a command and ends with it. */
  readonly hasCommand: boolean;
  /** The run ends its command with SIGTERM when its time is over (`--after`). */
  readonly endsCommand: boolean;
  /** Show every site, with its whole stack (`--stacks`). */
  readonly stacks: boolean;
  /** Several experiments run: lines about one of them begin with its name. */
  readonly several: boolean;
}

type MethodCounts = NonNullable<EventOf<'lifted'>['methods']>;

/** Processes that are named in the header. */
const MAX_USERS = 5;

/** Groups of ended processes that are listed. */
const MAX_ENDS = 8;

/** Sites that are listed; the others are summed up. */
const MAX_SITES = 10;

const REASONS: Readonly<Record<LiftReason, string>> = {
  duration: '',
  'command ended': ', when the command ended',
  'target ended': ', when the target ended',
  interrupted: ', interrupted',
  guardrail: ', because of the kernel log',
  failed: ', because the run failed',
};

/** An event as whole lines; empty if it is not printed. `counters` are for {@link renderCounters}. */
export function renderEvent(event: RunEvent, view: RunView): string {
  switch (event.type) {
    case 'armed':
      return renderArmed(event, view);
    case 'lifted':
      return renderLifted(event, view);
    case 'kernel-log':
      return `kernel log: ${view.paint(event.severity === 'warning' ? 'warned' : 'failed', event.line)}\n`;
    case 'kernel-log-clean':
      return 'kernel log: clean\n';
    case 'fault':
      return renderFault(event, view);
    case 'io-fault':
      return renderIoFault(event, view);
    case 'io-faults-dropped':
      return renderDropped(event, view);
    case 'scheduled':
      return renderScheduled(event);
    case 'target-ended':
      return `${event.target} has ended: its faults are armed again when it restarts\n`;
    case 'target-back':
      return `${event.target} is back: armed again, ${backWords(event)}, ${span(event.armingMs)}\n`;
    case 'note':
      return `${view.paint('aside', `note: ${runNoteWords(event.note)}`)}\n`;
    case 'command-ended':
      return renderCommandEnd(event, view);
    case 'process-ended':
      return `${view.paint('warned', `${event.command} (pid ${event.pid}) ${endWords(event)}`)}\n`;
    case 'processes-ended':
      return renderProcessesEnded(event);
    case 'run-ended':
      return renderRunEnd(event, view);
    case 'command-started':
    case 'arming':
    case 'run-started':
    case 'counters':
      return '';
  }
}

/** What will fail, where, for whom and how long. */
function renderArmed(event: EventOf<'armed'>, view: RunView): string {
  const head = `${event.experiment}   ${view.paint('armed', summaryWords(event.faults))}`;
  const rows = armedRows(event, view);
  return `${[head, ...rows.map(([name, text]) => `  ${name.padEnd(9)}${text}`)].join('\n')}\n\n`;
}

/** Where it fails, for whom and how long; a row without a name goes on with the one before. */
export function armedRows(
  event: EventOf<'armed'>,
  view: Pick<RunView, 'hasCommand'>,
): (readonly [name: string, text: string])[] {
  const programs = event.programs === 0 ? [] : [counted(event.programs, 'program')];
  return [
    ...rowsOf('under', underWords(event.faults)),
    ...rowsOf('for', whomWords(event)),
    ...rowsOf('now', usersWords(event.moved ?? [])),
    ['until', `${untilWords(event.durationNs, view.hasCommand)}; ${shareWords(event)}`],
    ['armed', [mechanismWords(event), ...programs, span(event.armingMs)].join(', ')],
  ];
}

function whomWords({ targets, reach, faults }: EventOf<'armed'>): readonly string[] {
  if (faults.kind !== 'io') return targets;
  const { volumePath } = faults.spec;
  return targets.map((target, index) => reachWords(reach?.[index] ?? 'namespace', volumePath, target));
}

/** The same for an experiment of a schedule whose header has been shown. */
export function renderArmedAgain({ experiment, faults }: EventOf<'armed'>, { paint }: RunView): string {
  return `${experiment}   again: ${paint('armed', summaryWords(faults))}\n`;
}

function renderScheduled({ at, experiment, next }: EventOf<'scheduled'>): string {
  const wait = span(Math.max(0, Date.parse(next) - Date.parse(at)));
  const time = next.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
  return `${experiment}   waits for its schedule: next in ${wait}, at ${time}\n`;
}

/** Which processes have something open there, in one row; no row if none has. */
function usersWords(moved: NonNullable<EventOf<'armed'>['moved']>): string[] {
  if (moved.length === 0) return [];
  const names = moved
    .slice(0, MAX_USERS)
    .map(({ command, pid }) => `${command || 'already ended'} (pid ${pid})`);
  const rest = moved.length - names.length;
  return [`${names.join(', ')}${rest > 0 ? ` and ${grouped(rest)} more` : ''}`];
}

/** The live line while experiments are armed, without its newline. */
export function renderArming({ experiments }: EventOf<'arming'>, elapsedMs: number): string {
  return `  ${clock(elapsedMs)}   ${experiments.join(', ')}   arming`;
}

function rowsOf(name: string, texts: readonly string[]): (readonly [string, string])[] {
  return texts.map((text, index) => [index === 0 ? name : '', text]);
}

/** Describes when the faults end. @param duration nanoseconds */
export function untilWords(duration: bigint | undefined, hasCommand: boolean): string {
  return untilEnd(duration, hasCommand ? 'the command ends' : 'Ctrl-C');
}

/** The same for faults that also end with something else. */
export function untilEnd(duration: bigint | undefined, end: string): string {
  return duration === undefined ? end : `${nanosecondSpan(duration)} have passed, or ${end}`;
}

/**
 * The live line, without its newline: `  00:07   reached 1 204   in chain 14   fired 14   23 s left`; for I/O faults
 * `  00:07   fired 67 ▁▃█   write 67 of 137   fsync 0 of 4   slowest 105 ms   23 s left`.
 *
 * @param recent faults between the last few counts, to be shown as bars
 */
export function renderCounters(
  event: EventOf<'counters'>,
  view: RunView,
  recent: readonly number[] = [],
): string {
  const { reached, inChain, fired } = event.counters;
  const trail = recent.length === 0 ? '' : ` ${sparkline(recent)}`;
  const firedWords = fired === 0n ? 'fired 0' : view.paint('fired', `fired ${grouped(fired)}${trail}`);
  const parts = [
    clock(event.elapsedMs),
    ...(view.several ? [event.experiment] : []),
    ...(event.methods
      ? [firedWords, ...ioWords(mostFrequent(event.methods))]
      : [`reached ${grouped(reached)}`, `in chain ${grouped(inChain)}`, firedWords]),
    ...(event.slowestMs === undefined ? [] : [`slowest ${span(event.slowestMs)}`]),
    ...(event.remainingMs === undefined ? [] : [`${span(Math.ceil(event.remainingMs / 1000) * 1000)} left`]),
  ];
  return `  ${parts.join('   ')}`;
}

/** `  12:00:07.123   mount (pid 61)   failed` */
function renderFault({ at, experiment, command, process, thread }: EventOf<'fault'>, view: RunView): string {
  const who = thread === process ? `pid ${process}` : `pid ${process}, thread ${thread}`;
  const name = view.several ? `   ${experiment}` : '';
  return `  ${at.slice(11, -1)}${name}   ${command} (${who})   ${view.paint('fired', 'failed')}\n`;
}

/** `  12:00:07.123   postgres (pid 61)   write wal/0001, 4 096 bytes at 8 192   EIO` */
function renderIoFault(event: EventOf<'io-fault'>, view: RunView): string {
  const { at, experiment, command, process, thread, method, path, offsetBytes, sizeBytes } = event;
  const id = thread === process ? `pid ${process}` : `pid ${process}, thread ${thread}`;
  const who = process === undefined ? 'the kernel' : `${command} (${id})`;
  const extent =
    sizeBytes === undefined ? '' : `, ${counted(sizeBytes, 'byte')} at ${grouped(offsetBytes ?? 0)}`;
  const outcome = view.paint('fired', ioOutcome(event));
  const parts = [at.slice(11, -1), ...(view.several ? [experiment] : []), who, `${method} ${path}${extent}`];
  return `  ${parts.join('   ')}   ${outcome}\n`;
}

function ioOutcome({ action, errno, delayMs, damagedBytes }: EventOf<'io-fault'>): string {
  switch (action) {
    case 'fault':
    case 'capacity':
      return errno ?? '';
    case 'latency':
    case 'limit':
      return `${span(delayMs ?? 0)} slower`;
    case 'mistake':
      return `${counted(damagedBytes ?? 0, 'byte')} damaged`;
    case 'powerLoss':
      return 'the power was cut';
    case 'attrOverride':
      return 'other attributes';
    case 'observe':
      return 'passed';
    case 'halt':
      return 'halted';
  }
}

function renderDropped({ experiments, count }: EventOf<'io-faults-dropped'>, view: RunView): string {
  const names = view.several ? ` of ${experiments.join(', ')}` : '';
  const text =
    count === undefined
      ? `the last faults${names} may be missing: their server did not answer at the end`
      : `${counted(count, 'fault')}${names} ${count === 1 ? 'is' : 'are'} only counted: they came faster than they could be reported`;
  return `${view.paint('aside', `note: ${text}`)}\n`;
}

function renderLifted(event: EventOf<'lifted'>, view: RunView): string {
  const name = view.several ? `${event.experiment}: ` : '';
  const head = view.paint('lifted', `${name}lifted after ${span(event.elapsedMs)}${REASONS[event.reason]}`);
  const log = event.undoLog ? undoLogWords(event.undoLog).map((line) => `${line}\n`) : [];
  return `${head}: ${renderOutcome(event, whyNotWords(event), view)}${log.join('')}`;
}

/** The result of an experiment: `14 faults`, and where, or why there were none. Whole lines. */
export function renderOutcome(
  event: Pick<EventOf<'lifted'>, 'counters' | 'methods' | 'sites' | 'seed' | 'match'>,
  whyNot: string | undefined,
  view: RunView,
): string {
  const counts = (event.methods ? ioWords(event.methods) : kernelWords(event.counters)).join(', ');
  if (whyNot !== undefined) {
    return `no faults: ${whyNot}\n${counts === '' ? '' : `  ${counts}\n`}`;
  }
  return `${counted(event.counters.fired, 'fault')}${matchWords(event)}\n  ${counts}\n${renderSites(event.sites, view)}`;
}

/** What is needed to say again which requests met faults. */
function matchWords({
  counters,
  seed,
  match,
}: Pick<EventOf<'lifted'>, 'counters' | 'seed' | 'match'>): string {
  if (match !== undefined)
    return `, at the ${ordinal(match)} of ${counted(counters.reached, 'matching request')}`;
  return seed === undefined ? '' : `, chosen by seed ${seed}`;
}

/** The number of methods in the live line. */
const LIVE_METHODS = 3;

function mostFrequent(methods: MethodCounts): MethodCounts {
  return [...methods].sort((one, other) => other.reached - one.reached).slice(0, LIVE_METHODS);
}

/** `write 67 of 137` */
function ioWords(methods: MethodCounts): string[] {
  return methods.map(({ method, reached, fired }) => `${method} ${grouped(fired)} of ${grouped(reached)}`);
}

function kernelWords(counters: EventOf<'lifted'>['counters']): string[] {
  const { reached, inChain } = counters;
  return [
    `fault point reached ${grouped(reached)} ×`,
    `in chain ${grouped(inChain)} ×`,
    ...reasonWords(counters),
  ];
}

/** Why matches did not fail, for each reason that occurred. */
function reasonWords(counters: EventOf<'lifted'>['counters']): string[] {
  return reasonCounts(counters).map(([word, count]) => `${word} ${grouped(count)} ×`);
}

/** The same as numbers. */
export function reasonCounts(
  counters: EventOf<'lifted'>['counters'],
): (readonly [word: string, count: bigint])[] {
  const words: readonly (readonly [string, bigint])[] = [
    ['predicate true', counters.matched],
    ['skipped in interrupts', counters.sparedInterrupt],
    ['skipped as they must not fail', counters.sparedNoFail],
    ['skipped by after and every', counters.skipped],
    ['skipped by probability', counters.lostDice],
    ['after the limit of times', counters.usedUp],
    ['not tracked, too many threads', counters.untracked],
  ];
  return words.filter(([, count]) => count > 0n);
}

/** Where faults happened, most frequent first. */
function renderSites(sites: readonly SiteSummary[], { columns, stacks }: RunView): string {
  if (stacks) return sites.map(renderWholeSite).join('');
  const shown = sites.slice(0, MAX_SITES);
  const width = Math.max(...shown.map((site) => grouped(site.faults).length));
  const lines = shown.map((site) => {
    const prefix = `  ${grouped(site.faults).padStart(width)} ×  `;
    return `${prefix}${renderStack(site.stack, columns - prefix.length)}\n`;
  });
  const rest = sites.slice(MAX_SITES);
  if (rest.length > 0) {
    const faults = rest.reduce((sum, site) => sum + site.faults, 0);
    lines.push(`  ${counted(faults, 'fault')} more at ${counted(rest.length, 'site')}\n`);
  }
  return lines.join('');
}

/** One line for each function, outermost first. */
function renderWholeSite({ faults, stack }: SiteSummary): string {
  return `  ${grouped(faults)} ×\n${stack.map((name) => `        ${name}\n`).join('')}`;
}

/** `was killed by SIGABRT` */
function endWords({ exitCode, signal }: Pick<EndedProcesses, 'exitCode' | 'signal'>): string {
  if (signal !== undefined) return `was killed by ${signal}`;
  return exitCode === undefined ? 'has ended' : `ended with exit code ${exitCode}`;
}

/** Processes that ran from the start, and others that did not end with exit code 0. */
export function renderProcessesEnded({ ended }: EventOf<'processes-ended'>): string {
  const notable = ended.filter(({ fromStart, exitCode }) => fromStart || exitCode !== 0);
  if (notable.length === 0) return '';
  const lines = notable.slice(0, MAX_ENDS).map((group) => {
    const who =
      group.count === 1
        ? `${group.command} (pid ${group.pids[0]})`
        : `${grouped(group.count)} × ${group.command}`;
    return `  ${who} ${endWords(group)}\n`;
  });
  const rest = notable.slice(MAX_ENDS).reduce((sum, { count }) => sum + count, 0);
  if (rest > 0) lines.push(`  and ${grouped(rest)} more\n`);
  return `ended while faults lasted:\n${lines.join('')}`;
}

function renderRunEnd(event: EventOf<'run-ended'>, { paint }: RunView): string {
  const { exitCode, endedEarly, faults, repeat } = event;
  const again = repeat === undefined ? '' : `to repeat it: ${repeat}\n`;
  if (endedEarly) return `${paint('failed', 'the run failed: faults ended before their time')}\n${again}`;
  if (exitCode === RUN_EXIT.noFault && faults === 0n)
    return `${paint('failed', 'the run failed: no fault happened (--require-faults)')}\n${again}`;
  return again;
}

function renderCommandEnd(
  { exitCode, signal }: EventOf<'command-ended'>,
  { paint, endsCommand }: RunView,
): string {
  if (endsCommand && signal === 'SIGTERM') return 'the command was terminated as --after says\n';
  if (signal !== undefined) return `the command was killed by ${signal}\n`;
  return exitCode === 0 ? '' : `${paint('failed', `the command ended with exit code ${exitCode}`)}\n`;
}
