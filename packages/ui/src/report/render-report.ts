import { renderChart } from '../chart.js';
import { type Html, html } from '../html.js';
import { htmlFile, renderRows, renderTable, section } from './html-parts.js';
import type { Report, ReportedExperiment } from './report.js';

/** The HTML file of a run. Pure. */
export function renderReport(report: Report): string {
  const { title, outcome, facts, experiments, faults, story, processes, documents, repeat } = report;
  const body = html`<main>
<h1>${title}</h1>
<p class="outcome ${outcome.kind}">${outcome.words}</p>
${renderRows(facts)}
${section('What failed', experiments.map(renderExperiment))}
${section(
  'Faults over time',
  faults.map(({ name, bins }) => renderChart(`${name}, faults`, bins)),
)}
${section('What became of the processes', processes.length === 0 ? [] : [html`<pre tabindex="0">${processes.join('\n')}</pre>`])}
${section('What happened', story.length === 0 ? [] : [renderTable({ head: ['time (UTC)', 'event'], rows: story.map(({ at, text }) => [timeOf(at), text]) })])}
${section('Once more', repeat === undefined ? [] : [html`<pre tabindex="0">${repeat}</pre>`])}
${section(
  documents.length === 1 ? 'The document' : 'The documents',
  documents.map((text) => html`<pre tabindex="0">${text}</pre>`),
)}
</main>`;
  return htmlFile(`${title} - Ordeal`, body);
}

function renderExperiment({ name, summary, rows, tables }: ReportedExperiment): Html {
  return html`<h3>${name}</h3>
<p>${summary}</p>
${renderRows(rows)}
${tables.map(renderTable)}
`;
}

function timeOf(at: string): string {
  return at.slice(11, 23).replace('Z', '');
}
