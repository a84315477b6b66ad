import { createHash } from 'node:crypto';
import { renderChart } from '../chart.js';
import { type Html, html, trusted } from '../html.js';
import { STYLE } from '../style.js';
import type { Report, ReportedExperiment, Row, Table } from './report.js';

/** The HTML file of a run: it needs nothing beside itself, runs no script, and may load nothing. Pure. */
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
${section('Once more', [html`<pre tabindex="0">${repeat}</pre>`])}
${section(
  documents.length === 1 ? 'The document' : 'The documents',
  documents.map((text) => html`<pre tabindex="0">${text}</pre>`),
)}
</main>`;
  return htmlFile(`${title} - Ordeal`, body);
}

function htmlFile(title: string, body: Html): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>
`.toString();
}

function section(title: string, parts: readonly Html[]): Html {
  if (parts.length === 0) return html``;
  return html`<section><h2>${title}</h2>
${parts}
</section>`;
}

function renderExperiment({ name, summary, rows, tables }: ReportedExperiment): Html {
  return html`<h3>${name}</h3>
<p>${summary}</p>
${renderRows(rows)}
${tables.map(renderTable)}
`;
}

function renderRows(rows: readonly Row[]): Html {
  const lines = rows.map(
    ([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>
`,
  );
  return lines.length === 0
    ? html``
    : html`<div class="scroll" tabindex="0"><table><tbody>
${lines}</tbody></table></div>`;
}

function renderTable({ head, rows }: Table): Html {
  const lines = rows.map(
    (row) => html`<tr>${row.map((text) => html`<td>${text}</td>`)}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>
${lines}</tbody></table></div>
`;
}

function timeOf(at: string): string {
  return at.slice(11, 23).replace('Z', '');
}
