import type { TestContext } from 'node:test';
import { CannotRun } from '../conformance/index.js';

/** Skips a test that this host cannot run. @throws any other error */
export function cannotIsSkip(t: TestContext, error: unknown): void {
  if (!(error instanceof CannotRun)) throw error;
  t.skip(error.message);
}
