import { renderProblem } from '@ordeal/diagnostics';
import { parseDocuments } from '../parse-documents.js';

/** Everything wrong with a text, as a person would see it; for tests that compare it whole. */
export function problemsOf(source: string): string {
  return parseDocuments(source, 'a.yaml')
    .problems.map((problem) => renderProblem(problem, source))
    .join('\n');
}
