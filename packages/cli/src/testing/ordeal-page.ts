import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Asking, DetachedOrdeal } from './detached-ordeal.js';

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium';

/** Milliseconds for anything that a page waits for: as long as a slow machine needs. */
const PATIENCE = 120_000;

/** An `ordeal ui` that runs. */
export class OrdealPage {
  readonly url: string;
  readonly #asking: Asking;

  static async begin(ordeal: DetachedOrdeal): Promise<OrdealPage> {
    const asking = ordeal.begin('ui', '--json');
    assert.ok(asking.child.stdout);
    const [line] = (await once(createInterface({ input: asking.child.stdout }), 'line')) as [string];
    return new OrdealPage((JSON.parse(line) as { url: string }).url, asking);
  }

  private constructor(url: string, asking: Asking) {
    this.url = url;
    this.#asking = asking;
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  /** Ctrl-C. @returns the exit code */
  async end(): Promise<number | NodeJS.Signals> {
    this.#asking.child.kill('SIGINT');
    return (await this.#asking.said).code;
  }
}

/** Debian's Chromium, which notes every request that pages make. */
export class TestBrowser {
  readonly requests: string[] = [];
  /** What pages complained about; that the server refused something is not one. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;

  static async open(): Promise<TestBrowser> {
    const args = ['--disable-gpu', '--disable-dev-shm-usage', '--no-sandbox'];
    return new TestBrowser(
      await chromium.launch({ executablePath: CHROMIUM, args, timeout: PATIENCE, chromiumSandbox: false }),
    );
  }

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  async page(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context: BrowserContext = await this.#browser.newContext({
      viewport: { width: 1000, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    context.on('request', (request) => this.requests.push(request.url()));
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
    context.on('console', (message) => {
      const refusal = /status of 400/.test(message.text());
      if (message.type() === 'error' && !refusal) this.complaints.push(message.text());
    });
    return context.newPage();
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

/** Fails for everything that keeps somebody from using the page, in light and in dark. */
export async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<Found> } };
      const found = await axe.run();
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
    });
    assert.deepEqual(violations, [], colorScheme);
  }
}

interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** Fails where a page is wider than its window. */
export async function assertFits(page: Page, width: number): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 900 });
  const needed = await page.evaluate('document.documentElement.scrollWidth');
  assert.ok(Number(needed) <= width, `${needed} of ${width} pixels`);
  if (before) await page.setViewportSize(before);
}
