import { KernelLog } from '@ordeal/linux';

export type LogSeverity = 'warning' | 'oom' | 'oops';

/** A kernel message that matters. */
export interface LogFinding {
  readonly severity: LogSeverity;
  readonly line: string;
  /** The process that the OOM killer killed, if the line names it. */
  readonly killed: number | undefined;
}

/**
 * Prefixes of the messages that a fault may cause. Sources: kernel/panic.c and lib/bug.c (WARNING, BUG),
 * arch/x86/mm/fault.c, arch/x86/kernel/traps.c, mm/oom_kill.c, kernel/hung_task.c, kernel/rcu/tree_stall.h.
 */
const PATTERNS: readonly (readonly [LogSeverity, RegExp])[] = [
  [
    'oops',
    /^(BUG: |Oops: |Oops\b|general protection fault|Kernel panic|Unable to handle kernel|kernel BUG at|divide error)/,
  ],
  ['oom', /(^|\s)(Out of memory: |Memory cgroup out of memory: |oom-kill:)/],
  ['warning', /^(WARNING: |INFO: task .* blocked for more than|.*rcu.*self-detected stall)/],
];

/** What a line of the kernel log means for a running experiment; undefined if nothing. */
export function classifyKernelLine(line: string): LogFinding | undefined {
  for (const [severity, pattern] of PATTERNS) {
    if (!pattern.test(line)) continue;
    const pid = /(?:Killed process |[ ,]pid=)(\d+)/.exec(line)?.[1];
    return { severity, line, killed: pid === undefined ? undefined : Number(pid) };
  }
  return undefined;
}

/** The context of a finding: the kind of faults, and the cgroups of the targets below the root of the v2 hierarchy. */
export interface Endangered {
  readonly kind: 'kernel' | 'io';
  readonly cgroups: readonly string[];
}

/**
 * Whether a finding ends faults. An oops ends all. An OOM kill ends kernel faults if it killed a process that is no
 * target: failing allocations may have caused it. I/O faults use no memory, and a node with many
 * containers has OOM kills of its own.
 */
export function endsFaults({ severity, line }: LogFinding, { kind, cgroups }: Endangered): boolean {
  if (severity === 'oops') return true;
  if (severity !== 'oom' || kind === 'io') return false;
  const killed = /task_memcg=([^,]+)/.exec(line)?.[1];
  return killed !== undefined && !cgroups.some((cgroup) => isWithin(killed, cgroup));
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

/** Watches the kernel log of this host from now on. The owner closes it. */
export class KernelWatch {
  readonly #log = KernelLog.open();

  /** Whether the log can be read on this host. */
  get able(): boolean {
    return this.#log !== undefined;
  }

  /** The findings since the last call. */
  look(): LogFinding[] {
    return (this.#log?.read() ?? []).flatMap((line) => classifyKernelLine(line) ?? []);
  }

  close(): void {
    this.#log?.close();
  }
}
