import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts a program in the background: its own session, output in `DIRECTORY/NAME.log`, and in `DIRECTORY/NAME.pid` its
 * pid with the time it started, which together are one process for good.
 */
export async function startDaemon(directory, name, argv) {
  await mkdir(directory, { recursive: true });
  const log = openSync(join(directory, `${name}.log`), 'a');
  const child = spawn(argv[0], argv.slice(1), { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.unref();
  await writeFile(pidFile(directory, name), `${child.pid} ${startTime(child.pid)}\n`);
}

/** Whether the daemon of this name runs. */
export async function daemonRuns(directory, name) {
  return (await daemonPid(directory, name)) !== undefined;
}

/** Kills every daemon of a directory: what they keep is thrown away with it. */
export async function killDaemons(directory) {
  const names = await readdir(directory).catch(() => []);
  const daemons = names.filter((name) => name.endsWith('.pid')).map((name) => name.slice(0, -'.pid'.length));
  await Promise.all(daemons.map((name) => killDaemon(directory, name)));
}

async function killDaemon(directory, name) {
  for (let signal = 'SIGKILL'; ; signal = 0) {
    const pid = await daemonPid(directory, name);
    if (pid === undefined) break;
    process.kill(pid, signal);
    await delay(20);
  }
  await rm(pidFile(directory, name), { force: true });
}

/** The process of the daemon of this name; undefined where it does not run. */
export async function daemonPid(directory, name) {
  const text = await readFile(pidFile(directory, name), 'utf8').catch(() => '');
  const [pid, start] = text.trim().split(' ');
  return start !== undefined && startTime(pid) === start ? Number(pid) : undefined;
}

/** When a process started, in clock ticks since boot (proc_pid_stat(5), field 22); undefined where it is gone or a zombie. */
export function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

function pidFile(directory, name) {
  return join(directory, `${name}.pid`);
}
