import { fault, type Parsed, read } from '../parsed.js';
import { suggestion } from '../suggestion.js';

/** Phases of a pod (Kubernetes core/v1 PodPhase). */
const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];

/** Checks one `podPhaseSelectors` entry: a phase, or `!` and a phase. Its value is the text itself. */
export function parsePhaseSelector(text: string): Parsed<string> {
  const start = text.startsWith('!') ? 1 : 0;
  const phase = text.slice(start);
  if (PHASES.includes(phase)) return read(text);
  return fault(start, phase.length, `'${phase}' is not a pod phase`, suggestion(phase, PHASES));
}
