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
 * The candidates that the user may have meant by `name`, nearest first, at most `limit`. Case does not count.
 * Only candidates within a third of the name's length (2 to 4 edits, 1 for short names), or that contain it, are
 * offered. Fast enough for all functions of a kernel: most candidates are ruled out by their letters alone.
 */
export function nearestNames(name: string, candidates: Iterable<string>, limit = 3): string[] {
  // Two edits would replace most of a name of three letters or less.
  const reach = name.length <= 3 ? 1 : Math.min(4, Math.max(2, Math.floor(name.length / 3)));
  const lower = name.toLowerCase();
  const letters = letterSet(lower);
  const scores = new Map<string, number>();
  for (const candidate of candidates) {
    const contains = name.length >= 3 && candidate.includes(name);
    const near =
      Math.abs(candidate.length - name.length) <= reach &&
      bitCount(letterSet(candidate) ^ letters) <= 2 * reach;
    if ((!contains && !near) || scores.has(candidate)) continue;
    const distance = editDistance(lower, candidate.toLowerCase());
    if (distance <= reach) scores.set(candidate, distance);
    else if (contains) scores.set(candidate, reach + 1 + distance);
  }
  const ranked = [...scores].sort(([a, first], [b, second]) => first - second || a.localeCompare(b));
  return ranked.slice(0, limit).map(([candidate]) => candidate);
}

/** Which of 32 groups of characters occur. One edit changes at most two of them. */
function letterSet(text: string): number {
  let set = 0;
  for (let index = 0; index < text.length; index++) set |= 1 << ((text.charCodeAt(index) | 0x20) & 31);
  return set;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
