/**
 * Damerau-Levenshtein distance (adjacent transpositions count one) between two short names.
 * O(a·b) time, three rows of memory.
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, at(before, j - 2) + 1);
      }
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

/**
 * The candidates that a person may have meant by `name`, nearest first, at most `limit`.
 * Only candidates within a third of the name's length (at least 2 edits), or that contain it, are offered.
 */
export function nearestNames(name: string, candidates: Iterable<string>, limit = 3): string[] {
  const reach = Math.max(2, Math.floor(name.length / 3));
  const lower = name.toLowerCase();
  const scored: { readonly candidate: string; readonly score: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const contains = name.length >= 3 && candidate.toLowerCase().includes(lower);
    if (!contains && Math.abs(candidate.length - name.length) > reach) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance <= reach) scored.push({ candidate, score: distance });
    else if (contains) scored.push({ candidate, score: reach + 1 + distance });
  }
  scored.sort((a, b) => a.score - b.score || a.candidate.localeCompare(b.candidate));
  return scored.slice(0, limit).map((entry) => entry.candidate);
}
