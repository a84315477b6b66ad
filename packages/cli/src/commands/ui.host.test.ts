import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { HostWriter } from '../testing/host-writer.js';
import { assertAccessible, assertFits, OrdealPage, TestBrowser } from '../testing/ordeal-page.js';

interface Stage {
  readonly ordeal: DetachedOrdeal;
  readonly ui: OrdealPage;
  readonly browser: TestBrowser;
  readonly writer: HostWriter;
  /** For pictures and downloads; the guides have those of `ORDEAL_SCREENSHOTS=docs/images`. */
  readonly pictures: string;
}

async function onStage(body: (stage: Stage) => Promise<void>): Promise<void> {
  const ordeal = new DetachedOrdeal();
  const writer = new HostWriter({ volume: 'data' });
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-pictures-'));
  const pictures = process.env.ORDEAL_SCREENSHOTS ?? directory;
  mkdirSync(pictures, { recursive: true });
  let browser: TestBrowser | undefined;
  try {
    const ui = await OrdealPage.begin(ordeal);
    browser = await TestBrowser.open();
    await body({ ordeal, ui, browser, writer, pictures });
    assert.deepEqual(browser.complaints, []);
    assert.equal(await ui.end(), 0);
    await ordeal.assertNothingLeft();
    await writer.assertBare();
  } finally {
    await browser?.close();
    ordeal.close();
    writer.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

test('from an incident to a report: mistakes, whom it meets, a plot that moves, pause, stop', () =>
  onStage(async ({ ui, browser, writer, pictures }) => {
    const page = await browser.page();
    await page.goto(ui.url);
    await page.getByText('Nothing is held.').waitFor();

    await page.getByLabel('Incident').selectOption('disk-full');
    const document = page.getByLabel('Document');
    const text = (await document.inputValue())
      .replace('/data', writer.volume)
      .replace('duration: 60s', 'duration: 1h');
    await document.fill(text.replace('action: fault', 'action: <b>fault</b>'));
    const findings = page.locator('#findings');
    await findings.getByText(/document:\d+:\d+ {2}error .*\n.*<b>fault<\/b>\n *\| +\^~+/).waitFor();
    assert.equal(await findings.locator('b').count(), 0);
    await document.fill(text.replace('action: fault', 'action: falt'));
    await findings.getByText(/'falt'.*\n.*\n *\| +\^~~~ {2}/).waitFor();
    await page.screenshot({ path: join(pictures, 'mistake.png'), fullPage: true });
    await document.fill(text);
    await findings.getByText('no problems').waitFor();

    const start = page.getByRole('button', { name: 'Start' });
    assert.ok(await start.isDisabled());
    await page.getByLabel('Which one').fill(String(writer.pid));
    await page.getByRole('button', { name: 'Show whom it meets' }).click();
    await page.locator('#plan').getByText(`process ${writer.pid}`).waitFor();
    await page.screenshot({ path: join(pictures, 'whom.png'), fullPage: true });
    await assertAccessible(page);
    await start.click();

    const run = page.locator('[data-run=disk-full]');
    await run.locator('.state', { hasText: 'active' }).waitFor();
    const plot = run.locator('path');
    for (let moves = 0; moves < 3; moves++) {
      const drawn = (await plot.getAttribute('d')) ?? '';
      await run.locator(`path:not([d="${drawn}"])`).waitFor({ state: 'attached' });
    }
    await run.getByText(/fired [1-9]/).waitFor();
    await assertAccessible(page);
    await assertFits(page, 400);
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: join(pictures, 'page.png') });

    await run.getByRole('button', { name: 'Pause' }).click();
    await run.locator('.state', { hasText: 'paused' }).waitFor();
    await writer.assertBare();
    await run.getByRole('button', { name: 'Resume' }).click();
    await run.locator('.state', { hasText: 'active' }).waitFor();
    await run.getByRole('button', { name: 'Stop' }).click();
    await run.getByText(/lifted after .*, stopped: [1-9]/).waitFor();

    const downloading = page.waitForEvent('download');
    await run.getByRole('link', { name: 'Report' }).click();
    const file = join(pictures, 'run.html');
    await (await downloading).saveAs(file);
    assert.deepEqual(
      browser.requests.filter((url) => !url.startsWith(`${ui.origin}/`) && !url.startsWith('data:')),
      [],
    );

    browser.requests.length = 0;
    const report = await browser.page({ offline: true, javaScriptEnabled: true });
    await report.goto(pathToFileURL(file).href);
    assert.equal(await report.locator('h1').textContent(), 'disk-full');
    await report
      .getByText(/lifted, stopped: [1-9]/)
      .first()
      .waitFor();
    await report.getByRole('img', { name: /faults: [1-9]\d* in all/ }).waitFor();
    await assertAccessible(report);
    await assertFits(report, 400);
    await report.screenshot({ path: join(pictures, 'report.png') });
    assert.deepEqual(browser.requests, [pathToFileURL(file).href]);
    rmSync(file);
  }));

test('runs of the terminal are on the page, and what is refused is said', () =>
  onStage(async ({ ordeal, ui, browser, writer }) => {
    const page = await browser.page();
    await page.goto(ui.url);
    const document = (await ordeal.tell('new', 'flaky-drive', '--volume', writer.volume)).replace(
      'name: flaky-drive',
      'name: of-terminal',
    );
    const file = ordeal.file(document);
    await ordeal.tell('run', '--detach', file, '--pid', String(writer.pid));
    const run = page.locator('[data-run=of-terminal]');
    await run.locator('.state', { hasText: 'active' }).waitFor();

    await page.getByLabel('Document').fill(document.replace(writer.volume, '/not/there'));
    await page.getByLabel('Which one').fill(String(writer.pid));
    await page.getByRole('button', { name: 'Show whom it meets' }).click();
    await page
      .locator('#plan')
      .getByText(/\/not\/there.*\[ORD-\d+\]/)
      .waitFor();
    assert.ok(await page.getByRole('button', { name: 'Start' }).isDisabled());

    await ordeal.tell('stop', '--all');
    await run.locator('.state', { hasText: 'ended' }).waitFor();
  }));
