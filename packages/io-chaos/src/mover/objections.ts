import { OrdealError } from '@ordeal/diagnostics';
import type { MovePlan, MoveReport } from '@ordeal/move';
import { REGISTERED } from '@ordeal/move';

/** Descriptions of what was not moved. */
export function objectionsToMove({ left }: MoveReport): string[] {
  return left.map(({ pid, what, reason }) => `process ${pid}: ${what} ${reason}`);
}

/** @throws OrdealError ORD-712 if the target itself cannot be moved */
export function refuseUnmovable({ processes }: MovePlan, pid: number): void {
  const target = processes.find((each) => each.pid === pid);
  if (target?.refused !== undefined) {
    throw new OrdealError('ORD-712', `process ${pid} cannot be moved: it ${target.refused}`);
  }
  // Reads and writes made that way would silently escape the faults.
  const registered = target?.left.find(({ reason }) => reason === REGISTERED);
  if (registered === undefined) return;
  throw new OrdealError(
    'ORD-712',
    `process ${pid} cannot be moved: ${registered.what} ${REGISTERED}; start it without registered files`,
  );
}
