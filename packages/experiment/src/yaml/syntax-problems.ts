import type { Place } from '@ordeal/diagnostics';
import { isScalar, visit } from 'yaml';
import type { Tree } from './read-tree.js';
import type { SourceFile } from './source-file.js';

/** A mistake in the YAML of a document. */
export interface SyntaxProblem {
  readonly place: Place;
  readonly message: string;
  readonly hint?: string;
}

/** The YAML parser's errors and warnings about a document; warnings are unknown tags and directives. */
export function syntaxProblems(tree: Tree, source: SourceFile): SyntaxProblem[] {
  return [...withoutSequels(tree.errors), ...tree.warnings].map(({ code, pos, message }) => {
    const quote = code === 'MISSING_CHAR' && message.includes('quote') ? openQuote(tree, pos[0]) : undefined;
    if (quote !== undefined) {
      // The parser reports the end of the text, which may be many documents later.
      return { place: source.placeAt(quote, quote + 1), message: 'not YAML: this quote is never closed' };
    }
    return {
      place: source.placeOfSyntax(pos[0], pos[1]),
      message: `not YAML: ${firstLine(message)}`,
      ...(code === 'TAB_AS_INDENT' ? { hint: 'indent with spaces' } : {}),
    };
  });
}

/** A tab in the indentation makes the parser lose the structure: only other tabs are reported after it. */
function withoutSequels(errors: Tree['errors']): Tree['errors'] {
  const tab = Math.min(...errors.flatMap(({ code, pos }) => (code === 'TAB_AS_INDENT' ? [pos[0]] : [])));
  return errors.filter(({ code, pos }) => code === 'TAB_AS_INDENT' || pos[0] < tab);
}

/** Where the last quoted scalar before an offset starts. */
function openQuote(tree: Tree, before: number): number | undefined {
  let start: number | undefined;
  visit(tree, (_key, node) => {
    if (!isScalar(node) || !node.range || node.range[0] >= before) return;
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') start = node.range[0];
  });
  return start;
}

function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? message;
  return line.length <= 160 ? line : `${line.slice(0, 159)}…`;
}
