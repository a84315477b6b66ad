// What a supervisor costs that holds the volumes of many processes, which nobody uses: memory, and CPU time while idle.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { table } from '../table.mjs';

const ORDEAL = fileURLToPath(new URL('../../packages/cli/bin/ordeal.mjs', import.meta.url));
/** Engines still collect the garbage of their start. */
const SETTLE_MS = 30_000;
const LOOK_MS = 500;

/**
 * @param {string} directory where it makes the volumes, and its run directory
 * @param {number} count volumes, each of a process in a mount namespace of its own with one open file
 * @param {number} seconds without traffic
 * @returns {Promise<string>} two tables
 */
export async function many(directory, count, seconds) {
  const run = join(directory, 'run-many');
  mkdirSync(run);
  const ordeal = (...words) => {
    const env = { ...process.env, ORDEAL_RUN: run };
    const { status, stdout, stderr } = spawnSync(process.execPath, [ORDEAL, ...words], {
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`ordeal ${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  const targets = [];
  try {
    for (let index = 0; index < count; index++)
      targets.push(await startTarget(join(directory, `many-${index}`)));
    const hold = (from, to) => {
      for (const [index, { volume, pid }] of targets.slice(from, to).entries()) {
        const document = join(directory, 'many.yaml');
        writeFileSync(document, slowDown(volume));
        ordeal('run', '--detach', document, '--name', `many-${from + index}`, '--pid', String(pid));
      }
    };
    hold(0, 1);
    await sleep(SETTLE_MS);
    const first = memoryOf(run);
    hold(1, count);
    await sleep(SETTLE_MS);
    const all = memoryOf(run);
    const before = workOf(run);
    const begun = performance.now();
    await sleep(seconds * 1000);
    const [after, lasted] = [workOf(run), performance.now() - begun];
    const share = (milliseconds) => (milliseconds / lasted) * 100;
    const idle = share(after.total.milliseconds - before.total.milliseconds);
    const active = JSON.parse(ordeal('ps', '--json')).filter(({ state }) => state === 'active').length;
    if (active !== count) throw new Error(`only ${active} of ${count} runs are active`);
    const further = (all - first) / (count - 1);
    const row = (what, unit, number, most) => [
      what,
      unit,
      number.toFixed(2),
      most,
      number <= most ? 'met' : 'missed',
    ];
    const costs = table(
      `${count} volumes of ${count} processes, held by a supervisor`,
      ['', 'unit', 'measured', 'at most', ''],
      [
        row('memory with the first volume', 'MB Pss', first, 150),
        row('memory of each further volume', 'MB Pss', further, 25),
        row(`one CPU without traffic, over ${seconds} s`, '%', idle, 0.2),
      ],
    );
    const profile = table(
      'Who needs the CPU without traffic',
      ['', '% of one CPU', 'runs a second'],
      Object.entries(after).map(([program, { milliseconds, runs }]) => [
        program,
        share(milliseconds - (before[program]?.milliseconds ?? 0)).toFixed(3),
        (((runs - (before[program]?.runs ?? 0)) / lasted) * 1000).toFixed(1),
      ]),
    );
    return `${costs}\n${profile}`;
  } finally {
    for (const index of targets.keys()) {
      const env = { ...process.env, ORDEAL_RUN: run };
      spawnSync(process.execPath, [ORDEAL, 'stop', `many-${index}`], { env, stdio: 'ignore' });
    }
    for (const { child } of targets) child.kill('SIGKILL');
    while (processesOf(run).length > 0) await sleep(LOOK_MS);
  }
}

async function startTarget(volume) {
  mkdirSync(volume);
  const script = 'exec 3>"$0/file"; echo open; exec sleep 1000000';
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, volume], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return { volume, child, pid: child.pid };
}

/** A file that nobody opens. */
function slowDown(volume) {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: slow }
spec: { mode: all, selector: {}, action: latency, delay: 1ms, volumePath: ${volume}, path: '${volume}/never' }
`;
}

function processesOf(run) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`ORDEAL_RUN=${run}`));
}

/** MB. The descriptor keeper shares the memory of its server, which is counted once. */
function memoryOf(run) {
  const sizes = processesOf(run)
    .filter((pid) => read(`/proc/${pid}/comm`) !== 'ordeal-fds\n')
    .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

/**
 * How long the threads of each program have run, and how often they began to, with the total: /proc/PID/task/TID/schedstat has
 * nanoseconds first and the number of runs third.
 */
function workOf(run) {
  const work = { total: { milliseconds: 0, runs: 0 } };
  for (const pid of processesOf(run)) {
    const words = read(`/proc/${pid}/cmdline`).split('\0').slice(1);
    const program = basename(words.find((word) => !word.startsWith('-')) ?? '', '.cjs');
    work[program] ??= { milliseconds: 0, runs: 0 };
    for (const task of listOf(`/proc/${pid}/task`)) {
      const [nanoseconds = 0, , runs = 0] = read(`${task}/schedstat`).split(' ').map(Number);
      for (const each of [work[program], work.total]) {
        each.milliseconds += nanoseconds / 1e6;
        each.runs += runs;
      }
    }
  }
  return work;
}

function listOf(directory) {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** Empty if the process has ended. */
function read(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
