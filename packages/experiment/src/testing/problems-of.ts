import { renderProblem } from '@ordeal/diagnostics';
import { parseDocuments } from '../parse-documents.js';

/** All problems of a text, as the user sees them; for tests that compare the whole output. */
export function problemsOf(source: string): string {
  return parseDocuments(source, 'a.yaml')
    .problems.map((problem) => renderProblem(problem, source))
    .join('\n');
}
