import { constants } from 'node:os';

/** How a command ended. */
export type RunExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** Still ran at the time limit. */
  | { readonly kind: 'limit'; readonly limitMs: number };

/** Signals that mean a crash, or a kill by the kernel. */
const CRASHES = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGSEGV', 'SIGSYS'] as const;

/**
 * The signal that ended a command: its own, or that of a shell's command, which the shell reports as 128 + number.
 * Other exit codes above 128 are taken as they are.
 */
export function signalOf(exit: RunExit): string | undefined {
  if (exit.kind === 'killed') return exit.signal;
  if (exit.kind !== 'exited') return undefined;
  return CRASHES.find((name) => constants.signals[name] + 128 === exit.code);
}

/** `exit 1`, `SIGSEGV`, `> 10 s`. */
export function exitWords(exit: RunExit): string {
  switch (exit.kind) {
    case 'exited':
      return `exit ${exit.code}`;
    case 'killed':
      return exit.signal;
    case 'limit':
      return `> ${exit.limitMs / 1000} s`;
  }
}

export function sameExit(one: RunExit, other: RunExit): boolean {
  return exitWords(one) === exitWords(other);
}
