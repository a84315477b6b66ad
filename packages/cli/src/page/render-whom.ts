import { renderPlanHead } from '../render/explain.js';
import { renderIoExplanation } from '../render/io-plan.js';
import type { IoExplanation } from '../report/explain-io.js';
import type { PlanExplanation } from '../report/explain-plan.js';

/** What ends the faults of a run that no terminal holds. */
const END = 'the run is stopped';

/** What an experiment would do and whom it would meet. @param whom the target in words */
export function renderWhom(explanation: PlanExplanation | IoExplanation, whom: string): string {
  if (explanation.kind === 'IOChaos') return renderIoExplanation(explanation, END);
  return renderPlanHead({ ...explanation, selector: whom }, END);
}
