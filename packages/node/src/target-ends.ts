import { readFileSync } from 'node:fs';
import { exitOf, ProcessEvents, processTree } from '@ordeal/linux';
import type { EndedProcesses, RunEventListener } from './run-event.js';
import type { Target } from './target.js';

/** Milliseconds between listings of the targets' processes. */
const LISTING = 1_000;
/** Upper bounds of reported groups, and of process ids in each. */
const MAX_GROUPS = 100;
const MAX_PIDS = 5;

interface Member {
  readonly command: string;
  /** It ran when the faults were armed. */
  readonly fromStart: boolean;
}

/** How a process ended; both undefined if this host does not report it. */
interface End {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
}

/**
 * Tracks the ends of the targets' processes while faults are armed. If the kernel reports forks and exits, it knows
 * how each one ended; otherwise only that it has. The owner closes it.
 */
export class TargetEnds {
  readonly #onEvent: RunEventListener;
  readonly #events = ProcessEvents.open();
  readonly #targets: Target[] = [];
  readonly #members = new Map<number, Member>();
  readonly #groups = new Map<string, EndedProcesses & { count: number; pids: number[]; lastAt: string }>();
  /** A process whose end is reported elsewhere. */
  #except: number | undefined;
  #others = 0;
  #listed = 0;

  constructor(onEvent: RunEventListener) {
    this.#onEvent = onEvent;
  }

  /** Excludes a process whose end is reported elsewhere. */
  except(pid: number): void {
    this.#except = pid;
  }

  /** Watches the processes of more targets. */
  add(targets: readonly Target[]): void {
    this.#targets.push(...targets);
    for (const target of targets) this.#list(target, true);
  }

  /** Records what happened since the last call. Never waits. */
  look(): void {
    for (const event of this.#events?.read() ?? []) {
      const member = this.#members.get(event.kind === 'fork' ? event.parent : event.pid);
      if (!member) continue;
      const { command } = member;
      const { pid } = event;
      if (event.kind === 'exit') this.#end(pid, member, endOf(event.status));
      else if (event.kind === 'fork')
        this.#members.set(pid, { command: commandOf(pid) ?? command, fromStart: false });
      // It ended before its name could be read.
      else this.#members.set(pid, { ...member, command: commandOf(pid) ?? `child of ${command}` });
    }
    if (performance.now() - this.#listed < LISTING) return;
    this.#listed = performance.now();
    const present = new Set(this.#targets.flatMap((target) => this.#list(target, false)));
    if (this.#events) return;
    for (const [pid, member] of this.#members) {
      if (!present.has(pid)) this.#end(pid, member, { exitCode: undefined, signal: undefined });
    }
  }

  /** Reports what has ended, once, if anything has. */
  report(): void {
    this.look();
    if (this.#groups.size === 0) return;
    const ended = [...this.#groups.values()];
    this.#groups.clear();
    const [at, others] = [new Date().toISOString(), this.#others];
    this.#onEvent({ type: 'processes-ended', at, ended, others });
  }

  close(): void {
    this.#events?.close();
  }

  #list(target: Target, fromStart: boolean): readonly number[] {
    const { scope } = target;
    const pids = scope?.kind === 'process-tree' ? processTree(scope.pid) : target.processes();
    for (const pid of pids) {
      const command = this.#members.has(pid) ? undefined : commandOf(pid);
      if (command !== undefined) this.#members.set(pid, { command, fromStart });
    }
    return pids;
  }

  #end(pid: number, { command, fromStart }: Member, end: End): void {
    this.#members.delete(pid);
    if (pid === this.#except) return;
    const at = new Date().toISOString();
    if (fromStart) this.#onEvent({ type: 'process-ended', at, pid, command, ...end });
    const key = JSON.stringify([command, fromStart, end]);
    const group = this.#groups.get(key);
    if (group) {
      group.count++;
      group.lastAt = at;
      if (group.pids.length < MAX_PIDS) group.pids.push(pid);
    } else if (this.#groups.size < MAX_GROUPS) {
      this.#groups.set(key, { command, fromStart, ...end, count: 1, pids: [pid], firstAt: at, lastAt: at });
    } else {
      this.#others++;
    }
  }
}

/** Exported for its test. @param status as wait4(2) returns it */
export function endOf(status: number): End {
  const exit = exitOf(status);
  return 'code' in exit
    ? { exitCode: exit.code, signal: undefined }
    : { exitCode: undefined, signal: exit.signal };
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}
