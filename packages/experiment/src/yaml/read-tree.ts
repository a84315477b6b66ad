import { Composer, type Document, Lexer, type ParsedNode, Parser } from 'yaml';
import type { SourceFile } from './source-file.js';

/** Characters of one file. Usual documents have less than a thousand; a cluster stores at most 1.5 MiB. */
export const MAX_SOURCE = 256 * 1024;

/**
 * Collections inside each other. The parser's composer recurses, and a process that runs out of stack inside a regular
 * expression is aborted by V8, so the depth must be bounded before composing.
 */
export const MAX_DEPTH = 64;

/** A text that was rejected before it was parsed. */
export interface TreeRefusal {
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
}

export type Tree = Document.Parsed<ParsedNode>;

/** The YAML 1.2 documents of a text (core schema, positions kept), at least one, or why it was rejected. */
export function readTrees(source: SourceFile): readonly Tree[] | TreeRefusal {
  if (source.text.length > MAX_SOURCE) {
    source.lines.addNewLine(0);
    return {
      offset: 0,
      message: `the file has ${source.text.length} characters, more than the ${MAX_SOURCE} that are read`,
      hint: 'put the experiments into several files',
    };
  }
  let tooDeep: number | undefined;
  function* tokens() {
    source.lines.addNewLine(0);
    const parser = new Parser(source.lines.addNewLine);
    for (const lexeme of new Lexer().lex(source.text)) {
      yield* parser.next(lexeme);
      if (parser.stack.length > MAX_DEPTH) {
        tooDeep = parser.offset;
        return;
      }
    }
    yield* parser.end();
  }
  // uniqueKeys compares every key with every other: a map of a quarter million keys would take minutes. Duplicates
  // are found by the check of the tree instead.
  const composer = new Composer({
    prettyErrors: false,
    uniqueKeys: false,
    intAsBigInt: true,
    logLevel: 'silent',
  });
  const trees = [...composer.compose(tokens(), true, source.text.length)];
  if (tooDeep !== undefined) {
    return {
      offset: tooDeep,
      message: `collections are nested deeper than ${MAX_DEPTH} levels here`,
      hint: 'no experiment needs more than ten',
    };
  }
  return trees;
}
