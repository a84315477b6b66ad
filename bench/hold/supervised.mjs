// `node supervised.mjs DIRECTORY TURNS CYCLES`: what a running supervisor needs to take a volume and to give it back, and whether
// anything piles up when it does so often.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median, table } from '../table.mjs';

const PROBES = fileURLToPath(new URL('probes.py', import.meta.url));
/** Before the first measurement. */
const WARM_UP = 10;
/** Before the first look at what there is: V8 has compiled most of what it will compile. */
const COMPILED = 200;
/** Until the next keeper waits, and processes of the last turn have ended. */
const REST_MS = 500;

/** Resident memory may grow by this factor: the allocator keeps pages. */
const MEMORY_GROWTH = 1.1;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/**
 * Two tables.
 *
 * @param {string} directory for its files
 * @param {number} turns that are measured
 * @param {number} cycles of applying and removing between the two looks at what there is
 */
async function supervised(directory, turns, cycles) {
  const { measured, before, after } = await supervise(directory, turns, cycles);
  const row = (what, name, most) => {
    const numbers = measured.map((each) => each[name]);
    const middle = median(numbers);
    const best = Math.min(...numbers);
    return [what, middle.toFixed(1), best.toFixed(1), String(most), middle <= most ? 'met' : 'missed'];
  };
  const count = (what, name, most = before[name]) => {
    const kept = after[name] <= most ? 'met' : 'missed';
    return [what, format(before[name]), format(after[name]), kept];
  };
  return [
    table(
      'A volume of two processes, in a running supervisor',
      ['milliseconds', 'median', 'best', 'at most', ''],
      [
        row('from apply to active', 'active', 60),
        row('from remove to taken back', 'back', 30),
        row('of both, the target stands still', 'still', 5),
        row('longest call by path', 'path', 15),
      ],
    ),
    table(
      `Before and after ${cycles} times apply and remove`,
      ['the supervisor', 'before', 'after', ''],
      [
        count('resident memory, MB', 'memory', before.memory * MEMORY_GROWTH),
        count('JavaScript objects, MB', 'heap', before.heap * MEMORY_GROWTH),
        count('descriptors', 'descriptors'),
        count('threads', 'threads'),
        count('processes for the next volume', 'processes'),
        count('mounts that the target sees', 'mounts'),
        count('files in its directory', 'files'),
      ],
    ),
  ].join('\n');
}

function format(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

async function supervise(directory, turns, cycles) {
  const volume = join(directory, 'supervised');
  const run = join(directory, 'supervisor');
  mkdirSync(volume);
  mkdirSync(run);
  process.env.ORDEAL_RUN = run;
  const { Supervisor } = await import('../../packages/supervisor/dist/index.js');
  const target = await startProbes(volume, join(directory, 'longest'));
  const supervisor = await Supervisor.open(run, { prepared: true });
  const held = new HeldVolume(supervisor, documentFor(volume), target.pid);
  try {
    for (let turn = 0; turn < WARM_UP; turn++) await held.turn();
    const measured = [];
    for (let turn = 0; turn < turns; turn++) {
      await sleep(REST_MS);
      measured.push(await measure(held, target));
    }
    for (let cycle = 0; cycle < COMPILED; cycle++) await held.turn();
    const before = await stock(run, target.pid);
    for (let cycle = 0; cycle < cycles; cycle++) await held.turn();
    return { measured, before, after: await stock(run, target.pid) };
  } finally {
    await supervisor.close();
    await target.end();
  }
}

/** One injection, applied and removed again and again. */
class HeldVolume {
  #supervisor;
  #applied;

  constructor(supervisor, document, pid) {
    this.#supervisor = supervisor;
    this.#applied = { document, target: { kind: 'pid', pid }, deadline: undefined };
  }

  /** Returns when the faults are active. */
  async apply() {
    const active = new Promise((resolve, reject) => {
      const stop = this.#supervisor.watch(({ phase, refusal }) => {
        if (phase === 'pending') return;
        // Not while it is called for the first time.
        queueMicrotask(() => stop());
        if (phase === 'active') resolve();
        else reject(new Error(`${phase}: ${refusal?.message}`));
      });
    });
    await this.#supervisor.apply('bench', this.#applied);
    await active;
  }

  remove() {
    return this.#supervisor.remove('bench');
  }

  async turn() {
    await this.apply();
    await this.remove();
  }
}

async function measure(held, target) {
  target.reset();
  const begun = performance.now();
  await held.apply();
  const active = performance.now() - begun;
  await sleep(REST_MS);
  const asked = performance.now();
  await held.remove();
  const back = performance.now() - asked;
  await sleep(REST_MS);
  const [still, path] = target.longest();
  return { active, back, still, path };
}

/** Two processes in a mount namespace of their own. */
async function startProbes(volume, shared) {
  writeFileSync(shared, new Uint8Array(16));
  // Real-time processes: they notice what Ordeal does to them, and not what else the machine does.
  const words = ['--fifo', '2', 'unshare', '--mount', 'python3', PROBES, volume, shared];
  const child = spawn('chrt', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    pid: child.pid,
    // In place: the processes have mapped it.
    reset: () => writeFileSync(shared, new Uint8Array(16), { flag: 'r+' }),
    /** Milliseconds that the target stood still at most, and that a call by path took at most. */
    longest: () =>
      [...new Float64Array(new Uint8Array(readFileSync(shared)).buffer)].map((each) => each * 1000),
    async end() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Slows down a file that nobody opens. */
function documentFor(volume) {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: slow }
spec: { mode: all, selector: {}, action: latency, delay: 1ms, volumePath: ${volume}, path: '${volume}/never' }
`;
}

/** What there is when nothing is held. */
async function stock(run, target) {
  await sleep(4 * REST_MS);
  collectGarbage();
  return {
    memory: process.memoryUsage().rss / 1024 ** 2,
    heap: process.memoryUsage().heapUsed / 1024 ** 2,
    descriptors: readdirSync('/proc/self/fd').length,
    threads: readdirSync('/proc/self/task').length,
    processes: processesOf(run),
    mounts: readFileSync(`/proc/${target}/mountinfo`, 'utf8').split('\n').length,
    files: readdirSync(run, { recursive: true }).length,
  };
}

function processesOf(run) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`ORDEAL_RUN=${run}`)).length;
}

function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

const [, , directory, turns, cycles] = process.argv;
process.stdout.write(await supervised(directory, Number(turns), Number(cycles)));
