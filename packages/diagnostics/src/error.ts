import type { Code } from './codes.js';
import type { Problem } from './problem.js';

export interface ErrorDetails {
  /** One next step for the reader, if there is a better one than the code's own. */
  readonly hint?: string;
  /** More lines (a verifier's log, a VM's last output); printed below the message. */
  readonly detail?: readonly string[];
  /** What this error was caused by; never printed to users. */
  readonly cause?: unknown;
}

/**
 * A failure that the user can act on. `message` is one sentence: what, where and why, with the value that was
 * wrong. Anything else that is thrown is a defect.
 */
export class OrdealError extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly detail: readonly string[];

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'OrdealError';
    this.code = code;
    this.hint = details.hint;
    this.detail = details.detail ?? [];
  }
}

/**
 * Thrown if a kernel or host lacks a feature. The only reason for which a test may skip.
 */
export class UnsupportedError extends OrdealError {
  /** What is missing, for example `CONFIG_FUNCTION_ERROR_INJECTION`. */
  readonly missing: string;

  constructor(code: Code, missing: string, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.name = 'UnsupportedError';
    this.missing = missing;
  }
}

/** Documents that cannot be run: all problems at once, nothing was touched. */
export class ProblemsError extends OrdealError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      'ORD-100',
      `The documents have ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}`,
    );
    this.name = 'ProblemsError';
    this.problems = problems;
  }
}
