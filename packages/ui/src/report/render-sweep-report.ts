import { type Html, html } from '../html.js';
import { htmlFile, renderRows, section } from './html-parts.js';
import type { FailedSite, ReportedSite, SweepReport } from './sweep-report.js';

/** The HTML file of a sweep: a matrix of sites and outcomes, and what to do about each that failed. Pure. */
export function renderSweepReport(report: SweepReport): string {
  const { title, outcome, facts, sites, failures, notes, request, repeat } = report;
  const body = html`<main>
<h1>${title}</h1>
<p class="outcome ${outcome.kind}">${outcome.words}</p>
${notes.map((note) => html`<p>${note}</p>`)}
${renderRows(facts)}
${section('Where it failed, and what came of it', sites.length === 0 ? [] : [renderMatrix(report)])}
${section('What went wrong', failures.map(renderFailure))}
${section('Once more', [lines([repeat])])}
${section('What was made to fail', [lines([request])])}
</main>`;
  return htmlFile(`${title} - Ordeal`, body);
}

function renderMatrix({ outcomes, sites }: SweepReport): Html {
  const columns = ['site', ...outcomes, 'first of the worst'];
  return html`<div class="scroll" tabindex="0"><table class="matrix"><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${sites.map(renderSite)}</tbody></table></div>
`;
}

function renderSite({ place, failed, counts, words }: ReportedSite): Html {
  const cells = counts.map((count) => html`<td>${count === 0 ? '' : count}</td>`);
  return html`<tr${failed ? html` class="failed"` : ''}><th scope="row">${place}</th>${cells}<td>${words}</td></tr>
`;
}

function renderFailure({ title, place, repeat, lost, lastLines, kernelLog }: FailedSite): Html {
  return html`<h3>${title}</h3>
<p>${place}</p>
${lines([repeat])}
${titled('What was lost', lost)}${titled('Its last words', lastLines)}${titled('Kernel log', kernelLog)}
`;
}

function titled(title: string, text: readonly string[]): Html {
  return text.length === 0 ? html`` : html`<h4>${title}</h4>${lines(text)}`;
}

function lines(text: readonly string[]): Html {
  return html`<pre tabindex="0">${text.join('\n')}</pre>`;
}
