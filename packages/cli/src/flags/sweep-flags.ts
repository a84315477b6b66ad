import { OrdealError } from '@ordeal/diagnostics';
import { durationFlag } from './duration-flag.js';

/** The flags of `sweep` and `lab sweep` as they were given. */
export interface SweepFlags {
  readonly mechanism?: 'fmod_ret' | 'kprobe';
  /** `openat,write=ENOSPC`; true without a list. */
  readonly syscalls?: string | true;
  readonly limit?: string;
  readonly stdin?: string;
  readonly prepare?: string;
  readonly check?: string;
  readonly sameOutput?: true;
  readonly from?: true;
  readonly cut?: string;
  readonly settle?: string;
  readonly most?: string;
  readonly only?: string;
  readonly report?: string;
  readonly resume?: string;
  readonly json?: true;
}

/** Their values, with defaults filled in. */
export interface SweepSettings {
  readonly limitMs: number;
  readonly settle: number;
  readonly most: number;
  readonly only: readonly number[] | undefined;
  /** All I/O requests from the n-th on fail. */
  readonly from: boolean;
  /** Crash states of each change. */
  readonly states: number;
}

const DEFAULT_LIMIT = '10s';
const DEFAULT_SETTLE = 3;
const DEFAULT_MOST = 10_000;
/** A longer limit makes no sense; timers hold at most 24 days. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/** @throws OrdealError ORD-901 */
export function sweepSettings(flags: SweepFlags, command: readonly string[] | undefined): SweepSettings {
  if (command === undefined || command.length === 0) {
    throw new OrdealError('ORD-309', 'A sweep needs a command: -- CMD ARGS…', {
      hint: 'Write the command to repeat after --, at the end of the command line.',
    });
  }
  const { only, report, resume } = flags;
  if (only !== undefined && (report !== undefined || resume !== undefined)) {
    throw new OrdealError(
      'ORD-901',
      '--only repeats runs to show their output; it cannot be combined with --report or --resume',
    );
  }
  const limitMs = Number(durationFlag('--limit', flags.limit ?? DEFAULT_LIMIT) / 1_000_000n);
  if (limitMs < 1 || limitMs > LONGEST_MS) {
    throw new OrdealError('ORD-901', `--limit: ${flags.limit} is out of range; 1ms to 24h`);
  }
  return {
    limitMs,
    from: flags.from === true,
    states: countFlag('--cut', flags.cut, 1),
    settle: countFlag('--settle', flags.settle, DEFAULT_SETTLE),
    most: countFlag('--most', flags.most, DEFAULT_MOST),
    only: only === undefined ? undefined : only.split(',').map((text) => countFlag('--only', text.trim(), 1)),
  };
}

/** The flags that define a run, to repeat it. */
export function subjectFlags(flags: SweepFlags): string[] {
  const names = ['mechanism', 'limit', 'stdin', 'prepare', 'check', 'cut'] as const;
  const given = names.flatMap((name) => (flags[name] === undefined ? [] : [`--${name}=${flags[name]}`]));
  const { syscalls, sameOutput, from } = flags;
  const calls = syscalls === undefined ? [] : [syscalls === true ? '--syscalls' : `--syscalls=${syscalls}`];
  return [...given, ...calls, ...(sameOutput ? ['--same-output'] : []), ...(from ? ['--from'] : [])];
}

function countFlag(flag: string, text: string | undefined, absent: number): number {
  if (text === undefined) return absent;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new OrdealError('ORD-901', `${flag}: '${text}' is not a number from 1`);
  return Number(text);
}
