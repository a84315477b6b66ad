// `npm run bench -- ui [--runs N] [--rate N] [--seconds N]`: the page while many runs make many faults. Needs root, /dev/fuse
// and Debian's Chromium.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { median, table } from '../table.mjs';

const ORDEAL = fileURLToPath(new URL('../../packages/cli/bin/ordeal.mjs', import.meta.url));
const LOOP = fileURLToPath(new URL('open-loop.c', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
/** Stretches with the page and without it take turns, so that other load on the machine meets both. */
const TURNS = 3;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '50' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
  },
});
const seconds = Number(values.seconds);
const directory = mkdtempSync(join(tmpdir(), 'ordeal-bench-ui-'));
const state = join(directory, 'run');
const volume = join(directory, 'volume');
const names = Array.from({ length: Number(values.runs) }, (_, index) => `run-${index}`);
for (const path of [state, volume, ...names.map((name) => join(volume, name))]) mkdirSync(path);
const environment = { ...process.env, ORDEAL_RUN: state };
const children = [];
let browser;
try {
  const failures = startLoad();
  for (const name of names) startRun(name);
  const url = await startPage();
  const without = [];
  const told = [];
  const server = [];
  const frames = [];
  const memory = [];
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  for (let turn = 0; turn < TURNS; turn++) {
    without.push(await failures());
    const end = await follow(url);
    const before = ticks('ui');
    told.push(await failures());
    server.push((ticks('ui') - before) / seconds);
    end();
    await page.goto(url);
    await page
      .locator('[data-run]')
      .nth(names.length - 1)
      .waitFor();
    frames.push(await page.evaluate(longestFrame, seconds * 1000));
    memory.push(rendererMemory());
    await page.goto('about:blank');
  }
  const slowed = (1 - median(told) / median(without)) * 100;
  process.stdout.write(
    table(
      `A page of ${names.length} runs, ${values.rate} faults a second wanted (median of ${TURNS} × ${seconds} s)`,
      ['', 'unit', 'measured', 'at most'],
      [
        ['faults of all runs, nobody looks', '1/s', Math.round(median(without)), ''],
        ['faults of all runs, a page is told', '1/s', Math.round(median(told)), ''],
        ['runs slowed by the page', '%', slowed.toFixed(1), '5'],
        ['one CPU for the server of the page', '%', median(server).toFixed(1), ''],
        ['longest frame of the page', 'ms', Math.round(median(frames)), '100'],
        ['memory of the page', 'MB Pss', Math.round(median(memory)), '200'],
      ],
    ),
  );
} finally {
  await browser?.close();
  for (const child of children.reverse()) child.kill('SIGTERM');
  ordeal('stop', '--all');
  rmSync(directory, { recursive: true });
}

/** Starts the program that meets the faults. @returns a function that gives its failures a second, over a stretch */
function startLoad() {
  const program = join(directory, 'open-loop');
  execFileSync('gcc', ['-O1', '-o', program, LOOP]);
  const load = spawn(
    'unshare',
    ['--mount', program, values.rate, ...names.map((name) => join(volume, name))],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(load);
  const counts = [];
  createInterface({ input: load.stdout }).on('line', (line) => counts.push(Number(line)));
  return async () => {
    const before = counts.length;
    await sleep(seconds * 1000);
    const own = counts.slice(before + 1);
    return own.reduce((sum, count) => sum + count, 0) / own.length;
  };
}

/** All runs are on one volume, each with a directory of its own. */
function startRun(name) {
  const file = join(directory, `${name}.yaml`);
  writeFileSync(
    file,
    `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: ${name} }
spec:
  { mode: all, selector: {}, action: fault, errno: 5, methods: [lookup], volumePath: ${volume}, path: '${volume}/${name}/*' }
`,
  );
  ordeal('run', '--detach', file, '--pid', String(children[0].pid));
}

async function startPage() {
  const ui = spawn(process.execPath, [ORDEAL, 'ui', '--json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(ui);
  const [line] = await once(createInterface({ input: ui.stdout }), 'line');
  return JSON.parse(line).url;
}

function ordeal(...words) {
  execFileSync(process.execPath, [ORDEAL, ...words], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Runs in the page: the longest time between two frames, in milliseconds. */
function longestFrame(duration) {
  return new Promise((resolve) => {
    let longest = 0;
    let last;
    const begun = performance.now();
    const frame = (at) => {
      if (last !== undefined) longest = Math.max(longest, at - last);
      last = at;
      if (at - begun < duration) requestAnimationFrame(frame);
      else resolve(longest);
    };
    requestAnimationFrame(frame);
  });
}

/** Is told what the page is told, without a browser: that may be on another machine. @returns a function that ends it */
async function follow(url) {
  const { origin, search } = new URL(url);
  const abort = new AbortController();
  const { body } = await fetch(`${origin}/api/events${search}`, { signal: abort.signal });
  const reader = body.getReader();
  const read = () =>
    reader.read().then(
      ({ done }) => done || read(),
      () => undefined,
    );
  void read();
  return () => abort.abort();
}

/** Hundredths of a second that an ordeal command of this benchmark has computed: USER_HZ. */
function ticks(command) {
  const [pid] = processes().filter((each) =>
    read(`/proc/${each}/cmdline`).includes(`${ORDEAL}\0${command}\0`),
  );
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Of the largest process that draws a page of this browser, in MB. */
function rendererMemory() {
  const sizes = processes()
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'))
    .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024);
  return Math.max(...sizes);
}

/** Those that this one has started, and theirs. */
function processes() {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => [pid, read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1]]),
  );
  const isOwn = (pid) => pid !== undefined && (pid === String(process.pid) || isOwn(parents.get(pid)));
  return [...parents.keys()].filter(isOwn);
}

/** Empty if the process has ended. */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
