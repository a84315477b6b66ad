// One run of fio on one server.
import { capture } from '../../scripts/step.mjs';
import { bound, cpuTimeOf } from './cpus.mjs';

/** Of each job's file. */
const FILE_MIB = 32;

/**
 * @typedef {object} Load
 * @property {'randread' | 'randwrite' | 'read' | 'write'} kind
 * @property {'4k' | '128k'} block
 * @property {boolean} direct whether the client opens with O_DIRECT
 * @property {1 | 8} jobs each with a file of its own
 * @property {number} [fsync] after so many writes
 */

/** The options that all loads share: their files are the same, too. */
const common = (directory, jobs) => [
  '--name=bench',
  `--directory=${directory}`,
  `--size=${FILE_MIB}m`,
  `--numjobs=${jobs}`,
  '--ioengine=psync',
  '--invalidate=0',
  '--group_reporting',
  '--output-format=json',
];

/** Lays the files out. */
export async function layOut(directory) {
  const { code, output } = await capture([
    'fio',
    ...common(directory, 8),
    '--rw=write',
    '--bs=1m',
    '--end_fsync=1',
  ]);
  if (code !== 0) throw new Error(`fio could not lay out its files:\n${output}`);
}

/**
 * @param {import('./servers.mjs').Served} server
 * @param {Load} load
 * @param {number} seconds
 * @param {'wall' | 'cpu'} clock what a second is: of the wall's clock, or of CPU time, fio's and the server's together
 * @returns {Promise<{ value: number, count: number, slow: number } | { refusal: string }>} I/O a second and in all, and
 *   the microseconds that one in a thousand takes at least; or what the server answered
 */
export async function runFio({ path, pid }, { kind, block, direct, jobs, fsync = 0 }, seconds, clock) {
  const before = cpuTimeOf(pid);
  const { code, output } = await capture(
    bound([
      'fio',
      ...common(path, jobs),
      `--rw=${kind}`,
      `--bs=${block}`,
      `--direct=${direct ? 1 : 0}`,
      `--fsync=${fsync}`,
      '--time_based',
      `--runtime=${Math.round(seconds * 1000)}ms`,
    ]),
  );
  const served = cpuTimeOf(pid) - before;
  if (code !== 0) return { refusal: /error=([^\n]*)/.exec(output)?.[1] ?? `fio ended with ${code}` };
  const [job] = JSON.parse(output.slice(output.indexOf('{'))).jobs;
  const { iops, total_ios: count, clat_ns: times } = kind.endsWith('read') ? job.read : job.write;
  // Percent of all jobs' run time, which is in milliseconds.
  const asked = ((job.usr_cpu + job.sys_cpu) / 100) * (job.job_runtime / 1000);
  return {
    value: clock === 'wall' ? iops : count / (asked + served),
    count,
    slow: times.percentile['99.900000'] / 1000,
  };
}
