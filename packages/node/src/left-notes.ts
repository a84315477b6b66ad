import type { MoveReport } from '@ordeal/move';
import type { RunNote } from './run-note.js';

/** How many items of the target are named individually. */
const NAMED = 10;

/**
 * What was not moved. What the target keeps is named; of other processes that see the volume and keep something only
 * the number is told. Pure.
 *
 * @param target the processes that were chosen
 */
export function leftNotes(left: MoveReport['left'], target: ReadonlySet<number>): RunNote[] {
  const own = left.filter(({ pid }) => target.has(pid));
  const processes = new Set(left.filter(({ pid }) => !target.has(pid)).map(({ pid }) => pid)).size;
  return [
    ...own.slice(0, NAMED).map((each): RunNote => ({ kind: 'kept', ...each })),
    ...(own.length > NAMED ? [{ kind: 'more kept', count: own.length - NAMED } as const] : []),
    ...(processes > 0 ? [{ kind: 'others keep', processes } as const] : []),
  ];
}
