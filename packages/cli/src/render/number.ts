/** `14021` → `14 021`. */
export function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 error`, `2 errors`, `1 204 faults`. */
export function counted(value: number | bigint, noun: string, nouns = `${noun}s`): string {
  return `${grouped(value)} ${BigInt(value) === 1n ? noun : nouns}`;
}

/** Bytes in the largest unit that keeps a whole number before the point: `4.8 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `3rd`. Pure. */
export function ordinal(value: number): string {
  const tens = value % 100;
  const suffix = tens > 10 && tens < 14 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[value % 10] ?? 'th');
  return `${grouped(value)}${suffix}`;
}
