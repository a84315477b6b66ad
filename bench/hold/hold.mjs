// `npm run bench -- hold [--turns N] [--cycles N | --full] [--volumes N] [--idle SECONDS]`: what it costs to start `ordeal run`,
// to hold volumes, one and many, and to take and give back one in a running supervisor. Needs root and /dev/fuse.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LONG_LIVED } from '../../packages/linux/dist/index.js';
import { median, table } from '../table.mjs';
import { many } from './many.mjs';

const SUPERVISED = fileURLToPath(new URL('supervised.mjs', import.meta.url));
const ORDEAL = fileURLToPath(new URL('../../packages/cli/bin/ordeal.mjs', import.meta.url));
/** Ticks of fields 14 and 15 of /proc/PID/stat in a second: USER_HZ. */
const TICKS = 100;
const IDLE_SECONDS = 10;
const SETTLE_MS = 1000;
/** Held at once to see what a further one costs. */
const SEVERAL = 4;

/** Of applying and removing, with --full. */
const FULL_CYCLES = 10_000;

const { values } = parseArgs({
  options: {
    turns: { type: 'string', default: '5' },
    cycles: { type: 'string', default: '200' },
    full: { type: 'boolean', default: false },
    volumes: { type: 'string', default: '30' },
    idle: { type: 'string', default: '60' },
  },
});
const cycles = values.full ? FULL_CYCLES : Number(values.cycles);
const turns = Array.from({ length: Number(values.turns) });
const directory = mkdtempSync(join(tmpdir(), 'ordeal-bench-hold-'));
const run = join(directory, 'run');
const volumes = Array.from({ length: SEVERAL }, (_, index) => join(directory, `volume-${index}`));
for (const path of [run, ...volumes]) mkdirSync(path);
try {
  const starts = turns.map(() => took('-e', '0'));
  const versions = turns.map(() => took(ORDEAL, '--version'));
  const held = [];
  for (const _ of turns) held.push(await hold(volumes.slice(0, 1), IDLE_SECONDS));
  const several = await hold(volumes, 0);
  const row = (what, unit, numbers, most) => {
    const middle = median(numbers);
    const verdict = most === '' ? '' : middle <= Number(most) ? 'met' : 'missed';
    return [what, unit, middle.toFixed(2), most, verdict];
  };
  const of = (name) => held.map((each) => each[name]);
  const further = (several.memory - median(of('memory'))) / (SEVERAL - 1);
  process.stdout.write(
    table(
      'One volume, one process with one open file (median)',
      ['', 'unit', 'measured', 'at most', ''],
      [
        row('ordeal --version, in times of node -e 0', '×', [median(versions) / median(starts)], '1.5'),
        row('ordeal run: from its start to active', 's', of('active'), '0.4'),
        row('ordeal run: taken back after SIGINT', 's', of('back'), ''),
        row('memory of all processes', 'MB Pss', of('memory'), '150'),
        row('memory of each further volume of a run', 'MB Pss', [further], '25'),
        row(`one CPU while idle, over ${IDLE_SECONDS} s`, '%', of('idle'), ''),
      ],
    ),
  );
  process.stdout.write(`\n${await many(directory, Number(values.volumes), Number(values.idle))}`);
  process.stdout.write('\n');
  // A program of its own, as a supervisor is, with the options of one.
  const words = [...LONG_LIVED, SUPERVISED, directory, String(turns.length), String(cycles)];
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}

/** Milliseconds that a Node program takes. */
function took(...words) {
  const begun = performance.now();
  const { status } = spawnSync(process.execPath, words, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${words.join(' ')} ended with status ${status}`);
  return performance.now() - begun;
}

/** Slows down a file of each volume that nobody opens. */
function documentFor(paths) {
  const documents = paths.map(
    (path, index) => `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: slow-${index} }
spec: { mode: all, selector: {}, action: latency, delay: 1ms, volumePath: ${path}, path: '${path}/never' }
`,
  );
  const file = join(directory, `slow-${paths.length}.yaml`);
  writeFileSync(file, documents.join('---\n'));
  return file;
}

/** Holds volumes once, of a process with an open file in each, in a mount namespace of its own. */
async function hold(paths, idleSeconds) {
  const document = documentFor(paths);
  const files = JSON.stringify(paths.map((path) => join(path, 'file')));
  const open = `f = [open(path, "w") for path in ${files}]; print("open", flush=True); import time; time.sleep(1000)`;
  const target = spawn('unshare', ['--mount', 'python3', '-c', open], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(target.stdout, 'data');
  const begun = performance.now();
  const ordeal = spawn(process.execPath, [ORDEAL, 'run', document, '--json', '--pid', String(target.pid)], {
    env: { ...process.env, ORDEAL_RUN: run },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(ordeal, 'exit');
  try {
    let armed = 0;
    for await (const line of createInterface({ input: ordeal.stdout })) {
      if (JSON.parse(line).type === 'armed' && ++armed === paths.length) break;
    }
    const active = (performance.now() - begun) / 1000;
    if (ordeal.exitCode !== null) throw new Error(`ordeal run ended with status ${ordeal.exitCode}`);
    ordeal.stdout.resume();
    // The mover of the way back and the helpers of the server are still starting.
    await sleep(SETTLE_MS);
    const memory = sum(pssOf) / 1024;
    const before = sum(ticksOf);
    await sleep(idleSeconds * 1000);
    const idle = ((sum(ticksOf) - before) / TICKS / idleSeconds) * 100;
    const asked = performance.now();
    ordeal.kill('SIGINT');
    await ended;
    return { active, memory, idle, back: (performance.now() - asked) / 1000 };
  } finally {
    ordeal.kill('SIGKILL');
    target.kill('SIGKILL');
    await once(target, 'exit');
  }
}

/** Over all processes of the run. */
function sum(measure) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`ORDEAL_RUN=${run}`))
    .reduce((total, pid) => total + measure(pid), 0);
}

/** KiB. The descriptor keeper shares the memory of the server, which is counted once. */
function pssOf(pid) {
  if (read(`/proc/${pid}/comm`) === 'ordeal-fds\n') return 0;
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function ticksOf(pid) {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** Empty if the process has ended. */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
