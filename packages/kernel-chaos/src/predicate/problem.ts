import type { Code } from '@ordeal/diagnostics';

/** A range of a text, in UTF-16 units from its start. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Which of the user's texts a span is in. */
export type PredicateText = 'predicate' | 'parameters';

/** One thing wrong with a predicate or its parameter list. The caller maps `offset` to a place in a file. */
export interface PredicateProblem extends Span {
  readonly code: Code;
  /** The text that `offset` counts in. */
  readonly in: PredicateText;
  /** One sentence with the name or type that was wrong. */
  readonly message: string;
  /** Shown beside the caret: the nearest name, the members that exist, the real prototype. */
  readonly hint?: string;
}

/** Upper bound of problems reported for one text. */
const MAX_PROBLEMS = 20;

/** Collects the problems of one text; passes report here and continue. */
export class ProblemList {
  readonly #text: PredicateText;
  readonly #problems: PredicateProblem[] = [];

  constructor(text: PredicateText) {
    this.#text = text;
  }

  report(code: Code, { offset, length }: Span, message: string, hint?: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) return;
    const same = this.#problems.some((problem) => problem.offset === offset && problem.message === message);
    if (same) return;
    const problem = { code, in: this.#text, offset, length: Math.max(1, length), message };
    this.#problems.push(hint === undefined ? problem : { ...problem, hint });
  }

  get found(): boolean {
    return this.#problems.length > 0;
  }

  /** In the order of the text. */
  list(): PredicateProblem[] {
    return this.#problems.toSorted((a, b) => a.offset - b.offset);
  }
}

/** The range from the start of `first` to the end of `last`. */
export function spanning(first: Span, last: Span): Span {
  return { offset: first.offset, length: Math.max(0, last.offset + last.length - first.offset) };
}
