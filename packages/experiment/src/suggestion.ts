import { nearestNames } from '@ordeal/diagnostics';

/** Suggestions for an unknown word: the nearest of the known ones, or all of them; undefined without any. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = nearestNames(word, known);
  return near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are ${known.join(', ')}`;
}
