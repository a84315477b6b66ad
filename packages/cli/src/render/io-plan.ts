import { type InjectionPlan, specialFileNotes } from '@ordeal/io-chaos';
import type { PlannedProcess } from '@ordeal/move';
import type { IoExplanation } from '../report/explain-io.js';
import { counted } from './number.js';
import { untilEnd } from './run.js';
import { shareWords } from './share.js';

/** The number of things of a kind that are listed for each process. */
const SHOWN = 10;

/** What an I/O experiment will do, and which processes and files it would move. @param end what else ends its faults */
export function renderIoExplanation(explanation: IoExplanation, end = 'the command ends'): string {
  const { name, summary, pattern, affects, schedule, durationNs, moves } = explanation;
  const rows: (readonly [string, string])[] = [
    ...(schedule === undefined ? [] : [['when', schedule] as const]),
    ['under', pattern ?? 'any path of the volume'],
    ...(affects === undefined ? [] : [['for', affects] as const]),
    ['until', `${untilEnd(durationNs, end)}; ${shareWords(explanation)}`],
    ['by', 'a fault file system over the volume, for every process that sees it'],
    ...(moves === undefined
      ? [['moves', 'open files: see them with --pid N, --cgroup PATH or --container NAME'] as const]
      : []),
  ];
  const head = [`${name}   ${summary}`, ...rows.map(([label, text]) => `  ${label.padEnd(9)}${text}`)];
  return `${head.join('\n')}\n${(moves ?? []).map(renderMoves).join('')}`;
}

function renderMoves({ processes, special }: InjectionPlan): string {
  const notes = firstOf(specialFileNotes(special), 'socket or FIFO', 'sockets and FIFOs');
  const kept = notes.map((line) => `  notes    ${line}\n`).join('');
  if (processes.length === 0) return `  moves    nothing: no process has anything open there\n${kept}`;
  return `${processes.map(renderProcess).join('')}${kept}`;
}

function renderProcess(process: PlannedProcess): string {
  const { pid, threads, refused, descriptors, directories, mappings, left } = process;
  const head =
    refused === undefined
      ? `  moves    process ${pid}, ${counted(threads, 'thread')}`
      : `  leaves   process ${pid}: it ${refused}`;
  const moved =
    refused === undefined
      ? [...firstOf(descriptors, 'descriptor'), ...directories, ...firstOf(mappings, 'mapping')]
      : [];
  const stays = firstOf(
    left.map(({ what, reason }) => `not ${what}: it ${reason}`),
    'thing that stays',
    'things that stay',
  );
  return [head, ...[...moved, ...stays].map((line) => `             ${line}`), ''].join('\n');
}

/** A database may have thousands open: the rest is counted; --json lists all. */
function firstOf(lines: readonly string[], noun: string, nouns?: string): string[] {
  const rest = lines.length - SHOWN;
  if (rest <= 0) return [...lines];
  return [...lines.slice(0, SHOWN), `and ${counted(rest, `more ${noun}`, nouns && `more ${nouns}`)}`];
}
