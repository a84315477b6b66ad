import { setTimeout as sleep } from 'node:timers/promises';
import { type Cgroup, cgroup2Root } from '@ordeal/linux';
import { type CheckedExperiment, checkExperiments } from './check-experiments.js';
import { CommandCgroup } from './command-cgroup.js';
import { findTarget } from './find-target.js';
import { ForegroundRun } from './foreground-run.js';
import { pause } from './pause.js';
import { requireProgram } from './program-file.js';
import { RunningCommand, shellStatus } from './run-command.js';
import type { RunEvent } from './run-event.js';
import type { RunOutcome, RunRequest, TargetChoice } from './run-request.js';
import { RunTally } from './run-tally.js';
import { selectContainers } from './selected-containers.js';
import { cgroupOf, processTarget, type Target } from './target.js';

/** Milliseconds that a command gets to end after its signal, before it is killed. */
const GRACE = 5_000;

/**
 * Runs experiments in the foreground: checks everything, arms, reports events, and always recovers.
 *
 * With a command, the run ends when the command does: remaining faults are lifted then, and the command's exit
 * status is the outcome. Without one it ends when no experiment has time left, or at the signal.
 *
 * @throws OrdealError before anything was touched, or after everything was recovered
 */
export async function runExperiments(request: RunRequest): Promise<RunOutcome> {
  const checked = checkExperiments(request.experiments, request);
  const tally = new RunTally();
  const onEvent = (event: RunEvent) => {
    tally.hear(event);
    request.onEvent(event);
  };
  const own = await runToEnd({ ...request, onEvent }, checked);
  const exitCode = tally.exitCode(own, request.requireFaults);
  const { faults, endedEarly } = tally;
  const repeat = exitCode === 0 ? undefined : request.repeat;
  request.onEvent({ type: 'run-ended', at: new Date().toISOString(), exitCode, faults, endedEarly, repeat });
  return { exitCode };
}

/** @returns the exit code of the command, 0 if there is none */
async function runToEnd(request: RunRequest, checked: readonly CheckedExperiment[]): Promise<number> {
  const run = new ForegroundRun(checked, request);
  try {
    if (request.target.kind === 'command') return await runCommand(request, request.target.command, run);
    await begin(request.target, run);
    await run.settled(request.signal);
    await run.end('interrupted');
    return 0;
  } finally {
    await run.end(request.signal.aborted ? 'interrupted' : 'failed');
  }
}

function begin(choice: Exclude<TargetChoice, { kind: 'command' }>, run: ForegroundRun): Promise<void> {
  if (choice.kind !== 'selector') {
    const target = findTarget(choice);
    const { whenEnded } = target;
    // A restarted container is the same target to its user.
    return run.begin(() => [(whenEnded.kind === 'follow' && whenEnded.find()) || target]);
  }
  return run.begin(({ work, selection }) => {
    const { targets, unevaluated } = selectContainers(selection);
    if (unevaluated.length > 0)
      run.note({ kind: 'not evaluated', experiment: work.name, selectors: unevaluated });
    return targets;
  });
}

async function runCommand(
  request: RunRequest,
  command: readonly string[],
  run: ForegroundRun,
): Promise<number> {
  const name = command[0] ?? '';
  requireProgram(name);
  const root = cgroup2Root();
  const cgroup = root === undefined ? undefined : CommandCgroup.create(root);
  let running: RunningCommand | undefined;
  try {
    if (cgroup && !cgroup.ownsIo && run.failsBlockIo) run.note({ kind: 'writeback unattributed' });
    const { path } = cgroup?.cgroup ?? {};
    const atOnce = request.before === 0n;
    const halt = atOnce ? (request.withExec ? 'before exec' : 'after exec') : undefined;
    running = await RunningCommand.start(command, {
      cgroupPath: path,
      halt,
      outputToError: request.outputToError,
    });
    const { pid } = running;
    run.commandIs(pid);
    request.onEvent({ type: 'command-started', at: new Date().toISOString(), command, pid, cgroup: path });
    if (atOnce || (await waitOr(request, running))) {
      const target = commandTarget(name, pid, cgroup?.cgroup, root);
      await run.begin(() => [target]);
      running.continue();
    }
    const child = running;
    const signal = (name: NodeJS.Signals) => (cgroup ? cgroup.signal(name) : child.kill(name));
    return await finish(request, child, run, signal);
  } finally {
    try {
      await run.end(request.signal.aborted ? 'interrupted' : 'failed');
    } finally {
      if (running && !running.over) {
        if (cgroup) cgroup.kill();
        else running.kill('SIGKILL');
        await running.ended;
      }
      await cgroup?.remove();
    }
  }
}

/** A command with all that it starts: by its own cgroup, or by its process tree on hosts without cgroup v2. */
function commandTarget(
  name: string,
  pid: number,
  cgroup: Cgroup | undefined,
  root: string | undefined,
): Target {
  if (cgroup === undefined || root === undefined)
    return { ...processTarget(pid), whenEnded: { kind: 'stay' } };
  const label = cgroup.path.slice(root.length + 1);
  return cgroupOf(cgroup, root, `${name} and its children (cgroup ${label})`);
}

/** Lets the command run before the first fault; false if it ended or the run was stopped first. */
async function waitOr(request: RunRequest, running: RunningCommand): Promise<boolean> {
  await Promise.race([pause(request.before, request.signal), running.ended]);
  return !running.over && !request.signal.aborted;
}

/** @param send sends a signal to the command and its descendants */
async function finish(
  request: RunRequest,
  running: RunningCommand,
  run: ForegroundRun,
  send: (name: NodeJS.Signals) => void,
): Promise<number> {
  const { signal, after } = request;
  await Promise.race([run.settled(signal), running.ended]);
  await run.end(running.over ? 'command ended' : signal.aborted ? 'interrupted' : 'duration');
  if (!running.over && !signal.aborted) {
    await Promise.race([after === undefined ? aborted(signal) : pause(after, signal), running.ended]);
    if (!running.over && !signal.aborted) send('SIGTERM');
  }
  if (!running.over) {
    // On a terminal the command has received SIGINT already; a second one is harmless.
    if (signal.aborted) {
      send('SIGINT');
      run.note({ kind: 'interrupt sent', killedAfterMs: GRACE });
    }
    await Promise.race([running.ended, sleep(GRACE, undefined, { ref: false })]);
    if (!running.over) send('SIGKILL');
  }
  const end = await running.ended;
  request.onEvent({ type: 'command-ended', at: new Date().toISOString(), ...end });
  // Ended by our own SIGTERM at the end of `after`: that is how the run was meant to end.
  const stopped = after !== undefined && end.signal === 'SIGTERM';
  return stopped ? 0 : shellStatus(end);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
