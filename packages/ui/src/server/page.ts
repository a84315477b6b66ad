import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, trusted } from '../html.js';
import { STYLE } from '../style.js';
import { PAGE_STYLE } from './page-style.js';

/** A page and what its browser may do with it. */
export interface Page {
  readonly text: string;
  readonly policy: string;
}

const START = html`<section aria-labelledby="start-title"><h2 id="start-title">Start a run</h2><form id="start"></form></section>`;

/** Where the build puts what it makes of `src/browser`. */
const BROWSER = new URL('../browser/', import.meta.url);

/**
 * The page of a host: one file with its script and style. It knows no secret: the token is in its address.
 *
 * @param starts whether runs can be started from it
 */
export function livePage(hostName: string, starts: boolean): Page {
  // Nothing in a script may look like its end.
  const script = readFileSync(new URL('page.js', BROWSER), 'utf8').replaceAll('</script', '<\\/script');
  const style = STYLE + PAGE_STYLE;
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Ordeal on ${hostName}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header><h1>Ordeal on ${hostName}</h1><p id="connection" role="status"></p></header>
<main>
<section aria-labelledby="runs-title"><h2 id="runs-title">Runs</h2><div id="runs"></div></section>
${starts ? START : ''}
</main>
<noscript><p>This page needs its script.</p></noscript>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return { text: page.toString(), policy };
}
