/** How often something happened, in equal parts of time. */
export interface Bins {
  /** When the first part begins, milliseconds since 1970. */
  readonly since: number;
  /** Milliseconds of each part. */
  readonly width: number;
  readonly counts: readonly number[];
}

/** The coordinates of a chart's area; it is drawn as wide as there is room for. */
export const CHART = { width: 600, height: 80 } as const;

/** The largest rate of a second. */
export function highestRate({ counts, width }: Bins): number {
  return (counts.reduce((most, count) => Math.max(most, count), 0) * 1000) / width;
}

/** The outline of a chart as an SVG path, closed along the lower edge; empty if nothing happened. Pure. */
export function chartPath({ counts }: Pick<Bins, 'counts'>): string {
  const { width, height } = CHART;
  const most = counts.reduce((highest, count) => Math.max(highest, count), 0);
  if (most === 0) return '';
  const step = width / counts.length;
  const round = (value: number) => Number(value.toFixed(2));
  const steps = counts.map(
    (count, index) => `V${round(height - (count / most) * height)}H${round((index + 1) * step)}`,
  );
  return `M0 ${height}${steps.join('')}V${height}Z`;
}

/** `33 a second`, `0.4 a second` */
export function rateWords(rate: number): string {
  const text = rate >= 10 ? Math.round(rate) : Number(rate.toFixed(1));
  return `${text} a second`;
}
