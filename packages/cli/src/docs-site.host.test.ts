import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestBrowser } from './testing/ordeal-page.js';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const site = mkdtempSync(join(tmpdir(), 'ordeal-site-'));
after(() => rmSync(site, { recursive: true }));

const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** Serves the files of the site. */
async function serve(): Promise<{ readonly origin: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const path = join(site, normalize(new URL(request.url ?? '', 'http://site').pathname));
    try {
      const body = readFileSync(path.endsWith('/') ? join(path, 'index.html') : path);
      response.setHeader('content-type', TYPES[extname(path) || '.html'] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

test('the site of the documentation is searched without network', async () => {
  execFileSync(process.execPath, [join(repository, 'scripts/docs.mjs'), site], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const { origin, close } = await serve();
  const browser = await TestBrowser.open();
  try {
    const page = await browser.page();
    await page.goto(`${origin}/guides/power-loss.html`);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('unlinked files');
    await page
      .getByRole('option', { name: /When something is killed/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'When something is killed' }).waitFor();
    assert.deepEqual(
      browser.requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:')),
      [],
    );
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    close();
  }
});
