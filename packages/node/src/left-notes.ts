import type { MoveReport } from '@ordeal/move';

/** How many items of the target are named individually. */
const NAMED = 10;

/**
 * Lines for the user about what was not moved. What the target keeps is named; that other processes that see the volume
 * keep something is one line. Pure.
 *
 * @param target the processes that were chosen
 */
export function leftNotes(left: MoveReport['left'], target: ReadonlySet<number>): string[] {
  const own = left.filter(({ pid }) => target.has(pid));
  const others = new Set(left.filter(({ pid }) => !target.has(pid)).map(({ pid }) => pid)).size;
  const named = own
    .slice(0, NAMED)
    .map(({ pid, what, reason }) => `process ${pid} keeps ${what}: it ${reason}`);
  if (own.length > NAMED) {
    named.push(
      `${own.length - NAMED} more things stay on the underlying file system: \`ordeal explain\` lists them`,
    );
  }
  if (others > 0) {
    const who = others === 1 ? '1 other process keeps' : `${others} other processes keep`;
    named.push(`${who} files of the underlying file system, without faults: \`ordeal explain\` lists them`);
  }
  return named;
}
