/** A flaw of a document, with its place. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'note';
  readonly code: string;
  /** The name of the file. */
  readonly file: string;
  /** Line and column count from 1. */
  readonly place: { readonly line: number; readonly column: number; readonly length: number };
  readonly message: string;
  readonly hint?: string;
}

/** What `ordeal` calls documents that come through a pipe. */
const STDIN = 'standard input';

/** Faults could not be armed, or ended before they were lifted. None of them is left then. */
export class FaultsError extends Error {
  override readonly name = 'FaultsError';
  /** A stable code such as `ORD-301`, see the reference of errors; undefined if `ordeal` gave none. */
  readonly code: string | undefined;
  /** What is wrong with the documents. */
  readonly problems: readonly Problem[];

  constructor(message: string, code?: string, problems: readonly Problem[] = []) {
    super(message);
    this.code = code;
    this.problems = problems;
  }

  /** One line for each problem: place, message, hint. */
  static ofProblems(problems: readonly Problem[]): FaultsError {
    const lines = problems.map(({ file, place, severity, message, hint }) => {
      const asked = hint === undefined ? '' : `; ${hint}`;
      return `${file === STDIN ? 'documents' : file}:${place.line}:${place.column}  ${severity}  ${message}${asked}`;
    });
    return new FaultsError(lines.join('\n'), problems[0]?.code, problems);
  }
}
