import type { TestContext } from 'node:test';
import { ApiError } from '@ordeal/kube';

/** Objects that are there at the same time. */
const AT_ONCE = 8;

/**
 * Asks for the answers to random objects, several at a time, and prints how many there were of each. `TEST_SEED` repeats a
 * run.
 *
 * @returns how many were answered
 */
export async function answerAll<T>(
  t: TestContext,
  objects: (seed: number) => readonly T[],
  answerTo: (object: T, name: string) => Promise<string>,
): Promise<number> {
  const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`TEST_SEED=${seed}`);
  const answers = new Map<string, number>();
  const waiting = objects(seed).entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [index, each] of waiting) {
        const answer = await answerTo(each, `random-${index}`);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    }),
  );
  t.diagnostic([...answers].map(([answer, count]) => `${answer}: ${count}`).join(', '));
  return [...answers.values()].reduce((sum, count) => sum + count, 0);
}

/** Whether an API server that just begins to serve a CRD asks for a retry. */
export function asksForRetry(error: unknown): boolean {
  return error instanceof ApiError && error.status === 429;
}
