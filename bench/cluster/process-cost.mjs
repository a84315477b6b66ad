import { readFileSync } from 'node:fs';

/** Ticks of /proc/PID/stat in a second (USER_HZ), on every Linux that Node runs on. */
const TICKS = 100;

/** User and system time of a process so far, in seconds. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** The memory of a process now, in MiB. */
export function residentMiB(pid) {
  return statusMiB(pid, 'VmRSS');
}

/** The most memory that a process has had, in MiB. */
export function peakMiB(pid) {
  return statusMiB(pid, 'VmHWM');
}

function statusMiB(pid, field) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const [, kib] = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(text) ?? [];
  return Math.round(Number(kib) / 1024);
}
