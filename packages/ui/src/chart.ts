import { type Bins, CHART, chartPath, highestRate, rateWords } from './chart-path.js';
import { type Html, html } from './html.js';

/** A chart with its scale, which says in words what it shows, too. Pure. */
export function renderChart(name: string, bins: Bins): Html {
  const { width, height } = CHART;
  const total = bins.counts.reduce((sum, count) => sum + count, 0);
  const highest = rateWords(highestRate(bins));
  const label = `${name}: ${total} in all, at most ${highest}`;
  const end = bins.since + bins.width * bins.counts.length;
  return html`<figure class="chart"><figcaption>${name}<span>at most ${highest}</span></figcaption>
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}"><path d="${chartPath(bins)}"/></svg>
<p class="scale"><span>${clockTime(bins.since)}</span><span>${clockTime(end)}</span></p></figure>
`;
}

/** `12:04:11` in UTC, as in the events. */
export function clockTime(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
