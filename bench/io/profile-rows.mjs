// Where the time of an operation goes: the server's own code, the kernel on its behalf, and the client.
import { readStat, STAT } from '@ordeal/linux';
import { table } from '../table.mjs';
import { layOut, runFio } from './fio.mjs';
import { loads } from './loads.mjs';
import { buildMetadata, PHASES, runMetadata } from './metadata.mjs';
import { EVERY_METHOD, withServers } from './served-rows.mjs';

/** Times in /proc/PID/stat are in hundredths of a second. */
const TICK = 1e4;
/** Seconds of a measurement with fio; and how often each phase of the metadata client is run. */
const SECONDS = 3;
const TURNS = 30;

/** @typedef {{ user: number, kernel: number, all: number, count: number }} Time microseconds in all, and operations */

/** @param {import('./io.mjs').Bench} bench */
export async function profileTable(bench) {
  const rows = await withServers(
    bench,
    bench.stores.tmpfs,
    EVERY_METHOD,
    async (servers) => {
      const found = [];
      for (const server of servers) found.push(await profileOf(bench, server));
      const [own, peer] = found;
      return [...own].map(([name, time]) => [name, ...shares(time), ...shares(peer.get(name))]);
    },
    { checked: true },
  );
  return table(
    'Where the time of an operation goes, us of CPU time: the server in its own code, the server in the kernel, the client',
    ['', 'ordeal', 'kernel', 'client', 'passthrough_ll', 'kernel', 'client'],
    rows,
  );
}

async function profileOf(bench, server) {
  /** @type {Map<string, Time>} */
  const found = new Map();
  await layOut(server.path);
  for (const load of loads({ direct: false }).filter(({ block, jobs, kind }) => isAlone(block, jobs, kind))) {
    await runFio(server, load, 1, 'cpu');
    const before = timesOf(server.pid);
    const outcome = await runFio(server, load, SECONDS, 'cpu');
    found.set(
      `4k ${load.kind}`,
      since(before, server.pid, (outcome.count / outcome.value) * 1e6, outcome.count),
    );
  }
  const program = buildMetadata(bench.scratch);
  await runMetadata(program, server, 1);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const phase of PHASES) {
      const before = timesOf(server.pid);
      const { value, count } = (await runMetadata(program, server, 0, phase))[phase];
      add(found, phase, since(before, server.pid, (count / value) * 1e6, count));
    }
  }
  return found;
}

function isAlone(block, jobs, kind) {
  return block === '4k' && jobs === 1 && kind.startsWith('rand');
}

/** Of a process with all its threads, microseconds. */
function timesOf(pid) {
  const fields = readStat(pid) ?? [];
  return { user: Number(fields[STAT.userTime]) * TICK, kernel: Number(fields[STAT.systemTime]) * TICK };
}

function since(before, pid, all, count) {
  const now = timesOf(pid);
  return { user: now.user - before.user, kernel: now.kernel - before.kernel, all, count };
}

function add(found, name, time) {
  const sum = found.get(name) ?? { user: 0, kernel: 0, all: 0, count: 0 };
  found.set(name, Object.fromEntries(Object.entries(time).map(([key, value]) => [key, sum[key] + value])));
}

function shares({ user, kernel, all, count }) {
  return [user, kernel, all - user - kernel].map((time) => (time / count).toFixed(1));
}
