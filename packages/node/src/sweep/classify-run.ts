import type { Outcome } from './outcome.js';
import { exitWords, type RunExit, sameExit, signalOf } from './run-exit.js';
import type { Baseline } from './sweep-run.js';

/** The observations of a run. */
export interface RunFacts {
  /** Whether a request failed. */
  readonly fired: boolean;
  readonly exit: RunExit;
  /** SHA-256 of the standard output, hexadecimal. */
  readonly stdout: string;
  /** The power was cut: nothing but the check counts. */
  readonly cut: boolean;
  /** The check's result for a run that ended as the baseline, or was cut; undefined if there is no check. */
  readonly check: CheckResult | undefined;
  /** Functions under which the request failed, outermost first. */
  readonly stack: readonly string[];
  /** The request was made while the launcher became the command. */
  readonly inLauncher: boolean;
  readonly lastLines: readonly string[];
  /** Warnings and worse, not OOM kills, which show as signals. */
  readonly kernelLog: readonly string[];
}

export interface CheckResult {
  readonly passed: boolean;
  /** The reason. */
  readonly words: string;
}

export interface Verdict {
  readonly outcome: Outcome | 'no fault';
  readonly words: string;
}

/** Part of every stack of execve(2) since Linux 3.19 (fs/exec.c). */
const EXEC = /^(do_execveat_common|bprm_execve)(\.|$)/;

/** The dynamic loader, before anything of the program itself runs (glibc, elf/dl-catch.c; musl, ldso/dynlink.c). */
const LOADER = /error while loading shared libraries: |Error (loading|relocating) /;

/**
 * Classifies a run. The program cannot handle a fault in execve(2): before the point of no return
 * the launcher exits with 126 or 127, after it the kernel kills the process or starts it with some memory missing.
 */
export function classifyRun(facts: RunFacts, baseline: Baseline, sameOutput: boolean): Verdict {
  const { exit, kernelLog, lastLines } = facts;
  const [complaint] = kernelLog;
  if (complaint !== undefined) return { outcome: 'kernel', words: complaint };
  const asBaseline = sameExit(exit, baseline.exit);
  if (!facts.fired)
    return { outcome: 'no fault', words: asBaseline ? '' : withLine(exitWords(exit), lastLines) };
  if (facts.cut) return judgeFiles(facts);
  if (asBaseline) return judgeSuccess(facts, baseline, sameOutput);
  const signal = signalOf(exit);
  const killed = signal !== undefined || exit.kind === 'limit';
  const inExec = facts.inLauncher || (killed && facts.stack.some((name) => EXEC.test(name)));
  if (inExec || (exit.kind === 'exited' && exit.code === 127 && LOADER.test(lastLines.at(-1) ?? ''))) {
    return { outcome: 'not started', words: withLine(exitWords(exit), lastLines) };
  }
  if (exit.kind === 'limit') return { outcome: 'hangs', words: exitWords(exit) };
  if (signal !== undefined) return { outcome: 'signal', words: signal };
  return { outcome: 'clean error', words: withLine(exitWords(exit), lastLines) };
}

function judgeFiles({ check }: RunFacts): Verdict {
  return check && !check.passed
    ? { outcome: 'wrong', words: check.words }
    : { outcome: 'survives', words: '' };
}

function judgeSuccess(facts: RunFacts, baseline: Baseline, sameOutput: boolean): Verdict {
  const { check, stdout } = facts;
  if (check && !check.passed) return judgeFiles(facts);
  if (sameOutput && stdout !== baseline.stdout)
    return { outcome: 'wrong', words: 'other output than without the fault' };
  return { outcome: 'survives', words: '' };
}

/** `exit 1, "out of memory"` */
export function withLine(words: string, lines: readonly string[]): string {
  const last = lines.at(-1);
  return last === undefined ? words : `${words}, "${last}"`;
}
