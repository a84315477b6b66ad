import type { MovePlan, PlannedProcess } from '@ordeal/io-chaos';
import { counted } from './number.js';

/** What an I/O experiment would move to its file system, and what not. */
export function renderIoPlan({ processes }: MovePlan): string {
  if (processes.length === 0) return '  moves    nothing: no process has anything open there\n';
  return processes.map(renderProcess).join('');
}

function renderProcess({
  pid,
  threads,
  refused,
  descriptors,
  directories,
  mappings,
  left,
}: PlannedProcess): string {
  const head =
    refused === undefined
      ? `  moves    process ${pid}, ${counted(threads, 'thread')}`
      : `  leaves   process ${pid}: it ${refused}`;
  const moved = refused === undefined ? [...descriptors, ...directories, ...mappings] : [];
  const lines = [
    ...moved.map((what) => `             ${what}`),
    ...left.map(({ what, reason }) => `             not ${what}: it ${reason}`),
  ];
  return [head, ...lines, ''].join('\n');
}
