import { readFileSync } from 'node:fs';

const SIGKILL = 9;
/** SIGHUP, SIGINT, SIGQUIT and SIGTERM: they ask a program to end, even if it has a handler. */
const REQUESTS_TO_END = [1, 2, 3, 15];
/** SIGCHLD, SIGCONT, the four that stop, SIGURG and SIGWINCH: the others end a process by default (man 7 signal). */
const HARMLESS = [17, 18, 19, 20, 21, 22, 23, 28];

/**
 * Whether a thread has ended or has been asked to end: by a signal that it neither handles nor ignores and that kills it
 * as soon as the kernel lets it, or by one of those that ask for an end.
 */
export function isAskedToEnd(tid: number): boolean {
  try {
    return asksToEnd(readFileSync(`/proc/${tid}/status`, 'latin1'));
  } catch {
    return true;
  }
}

/** The same, from the text of `/proc/PID/status`. Pure. */
export function asksToEnd(status: string): boolean {
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '0';
  const mask = (name: string) => BigInt(`0x${field(name)}`);
  const own = mask('SigPnd');
  if ((own & bit(SIGKILL)) !== 0n) return true;
  // A tracer is asked first and may drop the signal.
  if (field('TracerPid') !== '0') return false;
  const pending = (own | mask('ShdPnd')) & ~(mask('SigBlk') | mask('SigIgn') | bits(HARMLESS));
  return (pending & (~mask('SigCgt') | bits(REQUESTS_TO_END))) !== 0n;
}

function bits(signals: readonly number[]): bigint {
  return signals.reduce((all, signal) => all | bit(signal), 0n);
}

function bit(signal: number): bigint {
  return 1n << BigInt(signal - 1);
}
