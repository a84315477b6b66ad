import { readProcFile } from './procfs.js';

/** Field numbers of man 5 proc_pid_stat. Times are in clock ticks of USER_HZ, 100 per second. */
export const STAT = { state: 3, flags: 9, userTime: 14, systemTime: 15, startTime: 22 } as const;

/**
 * The fields of `/proc/PID/stat`, or of `/proc/PID/task/TID/stat`, by their numbers in man 5 proc_pid_stat. The first
 * is number 1.
 *
 * @returns `undefined` if the process or thread is gone
 * @throws any other error
 */
export function readStat(pid: number, tid?: number): readonly string[] | undefined {
  const text = readProcFile(tid === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${tid}/stat`);
  return text === undefined ? undefined : statFields(text);
}

/** Splits the text; the second field is a name in parentheses and may contain anything. */
export function statFields(text: string): readonly string[] {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const pid = text.slice(0, open).trim();
  return [
    '',
    pid,
    text.slice(open + 1, close),
    ...text
      .slice(close + 2)
      .trimEnd()
      .split(' '),
  ];
}

/** The state letter of a process (`R`, `S`, `T`, …); `undefined` if it is gone. */
export function readProcessState(pid: number): string | undefined {
  return readStat(pid)?.[STAT.state];
}

/** When a process started, in clock ticks since boot; distinguishes it from a later one with the same id. */
export function readProcessStart(pid: number): string | undefined {
  return readStat(pid)?.[STAT.startTime];
}
