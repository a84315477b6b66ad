import type { Problem } from '@ordeal/diagnostics';
import type { SourceFile } from './source-file.js';

/**
 * The problem that explains the others: a line with an error holds `{{ … }}` of a template that was not rendered, and
 * the other problems may be its consequence. Undefined if no such line has an error.
 */
export function templateProblem(problems: readonly Problem[], source: SourceFile): Problem | undefined {
  const lines = source.text.split('\n');
  for (const problem of problems) {
    if (problem.severity !== 'error') continue;
    const { line } = problem.place;
    const found = /\{\{.*?\}\}/.exec(lines[line - 1] ?? '');
    if (found === null) continue;
    return {
      severity: 'error',
      code: 'ORD-101',
      file: source.name,
      place: { line, column: found.index + 1, length: found[0].length },
      message: 'not YAML yet: this is a template that must be rendered first',
      hint: 'for example helm template CHART | ordeal validate -',
    };
  }
  return undefined;
}
