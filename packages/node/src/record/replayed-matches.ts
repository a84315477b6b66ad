import type { IOChaosSpec } from '@ordeal/experiment';
import type { RunRequest } from '../run-request.js';

/** Their faults follow from what the program has used so far: the document alone decides. */
const BY_USE: ReadonlySet<IOChaosSpec['action']> = new Set(['limit', 'capacity']);

/**
 * The numbers of the matches of an IOChaos that get a fault in a replay; undefined = as the document and its seed say.
 * Pure.
 */
export function replayedMatches(
  replay: RunRequest['replay'],
  name: string,
  { action }: Pick<IOChaosSpec, 'action'>,
): readonly number[] | undefined {
  if (!replay || BY_USE.has(action)) return undefined;
  // One that was not armed in the recorded run had no faults.
  return (replay.get(name) ?? { matches: [] }).matches;
}
