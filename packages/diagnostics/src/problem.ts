import type { Code } from './codes.js';

/** A place in a source text: 1-based line and column (in UTF-16 units), and how many columns it covers. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** One thing wrong (or worth knowing) in a document. Problems are collected, never thrown. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: Code;
  /** The file's name as the user gave it. */
  readonly file: string;
  readonly place: Place;
  /** The field that it is about, from the document's root: `spec.callchain[0].funcname`. Missing where no field is known. */
  readonly path?: string;
  /** One sentence with the value that was wrong and what was expected. */
  readonly message: string;
  /** Shown beside the caret: the nearest name, the members that exist. */
  readonly hint?: string;
}
