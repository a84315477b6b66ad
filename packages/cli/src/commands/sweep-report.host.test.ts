import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { assertAccessible, assertFits, TestBrowser } from '../testing/ordeal-page.js';
import { ioChaos } from '../testing/ordeal-run.js';

/** Its first write may fail unnoticed; its second may not. */
const CARELESS = 'echo one > "$0/a"; echo two >> "$0/a"';

test('the report of a sweep: worst first, with the lines that repeat it, and opened from the disk', async () => {
  const ordeal = new DetachedOrdeal();
  let browser: TestBrowser | undefined;
  try {
    const volume = join(ordeal.directory, 'data');
    mkdirSync(volume);
    const file = ordeal.file(ioChaos(`action: fault\nerrno: 5\nmethods: [write]\nvolumePath: '${volume}'\n`));
    const name = join(ordeal.directory, 'sweep');
    const command = ['--', 'sh', '-c', CARELESS, volume];
    const check = `grep -q one ${volume}/a`;
    const { code, out } = await ordeal.ask(
      ...['sweep', file, '--check', check, '--settle', '1', '--report', name, ...command],
    );
    assert.equal(code, 1, out);
    assert.match(out, /^report: .*sweep\.html, .*sweep\.json, .*sweep\.xml$/m);

    const page = readFileSync(`${name}.html`, 'utf8');
    assert.equal(await ordeal.tell('report', `${name}.json`), page);
    const only = join(ordeal.directory, 'only.html');
    await ordeal.tell('report', `${name}.json`, '-o', only);
    assert.equal(readFileSync(only, 'utf8'), page);

    browser = await TestBrowser.open();
    const report = await browser.page({ offline: true });
    const address = pathToFileURL(`${name}.html`).href;
    await report.goto(address);
    const rows = report.locator('.matrix tr');
    assert.deepEqual(await rows.nth(0).locator('th').allTextContents(), [
      ...['site', 'wrong', 'clean error', 'first of the worst'],
    ]);
    assert.deepEqual(await rows.nth(1).locator('th, td').allTextContents(), [
      ...['write a', '1', '1', 'run 1, check: exit 1'],
    ]);
    await report.getByText(`${file} --only 1 -- sh -c`).waitFor();
    await report.getByRole('heading', { name: 'run 1: wrong, check: exit 1' }).waitFor();
    await assertAccessible(report);
    await assertFits(report, 400);
    const { ORDEAL_SCREENSHOTS: pictures } = process.env;
    if (pictures) await report.screenshot({ path: join(pictures, 'sweep.png') });
    assert.deepEqual(browser.requests, [address]);
    assert.deepEqual(browser.complaints, []);

    rmSync(only);
    const once = await ordeal.ask(
      ...['sweep', file, '--check', check, '--most', '1', '--report', only, ...command],
    );
    assert.match(once.out, /^report: .*only\.html$/m);
    assert.match(readFileSync(only, 'utf8'), /<tr class="failed"><th scope="row">write a<\/th>/);
    assert.deepEqual(
      readdirSync(ordeal.directory).filter((each) => each.startsWith('only')),
      ['only.html'],
    );
  } finally {
    await browser?.close();
    ordeal.close();
  }
});

test('a report of a sweep that cannot be written, or is none, is refused', async () => {
  const ordeal = new DetachedOrdeal();
  try {
    const file = ordeal.file(ioChaos(`action: fault\nerrno: 5\nvolumePath: '${ordeal.directory}'\n`));
    const report = join(ordeal.directory, 'not/there.html');
    const said = await ordeal.ask('sweep', file, '--report', report, '--', 'true');
    assert.equal(said.code, 1);
    assert.match(said.err, /not\/there\.html cannot be written: ENOENT {2}\[ORD-902\]/);
    assert.match((await ordeal.ask('report', file.replace('.yaml', '.json'))).err, /cannot be read.*ORD-902/);
    assert.match(
      (await ordeal.ask('report', ordeal.file('{}', 'a.json'))).err,
      /is not the report of a sweep/,
    );
  } finally {
    ordeal.close();
  }
});
