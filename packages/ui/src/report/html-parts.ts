import { createHash } from 'node:crypto';
import { type Html, html, trusted } from '../html.js';
import { STYLE } from '../style.js';
import type { Row, Table } from './report.js';

/** A file that needs nothing beside itself, runs no script, and may load nothing. Pure. */
export function htmlFile(title: string, body: Html): string {
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

export function section(title: string, parts: readonly Html[]): Html {
  if (parts.length === 0) return html``;
  return html`<section><h2>${title}</h2>
${parts}
</section>`;
}

export function renderRows(rows: readonly Row[]): Html {
  const lines = rows.map(
    ([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>
`,
  );
  return lines.length === 0
    ? html``
    : html`<div class="scroll" tabindex="0"><table><tbody>
${lines}</tbody></table></div>`;
}

export function renderTable({ head, rows }: Table): Html {
  const lines = rows.map(
    (row) => html`<tr>${row.map((text) => html`<td>${text}</td>`)}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0"><table><thead><tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead><tbody>
${lines}</tbody></table></div>
`;
}
