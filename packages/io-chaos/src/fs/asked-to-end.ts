import { readFileSync } from 'node:fs';

const SIGKILL = 9;
/** SIGCHLD, SIGCONT, the four that stop, SIGURG and SIGWINCH: the others end a process by default (man 7 signal). */
const HARMLESS = [17, 18, 19, 20, 21, 22, 23, 28];

/**
 * Whether a thread runs no code of its own any more: it is gone, or will be as soon as the kernel lets it, because of a
 * signal that it neither handles nor ignores.
 */
export function isDying(tid: number): boolean {
  try {
    return willEnd(readFileSync(`/proc/${tid}/status`, 'latin1'));
  } catch {
    return true;
  }
}

/** The same, told by the text of `/proc/PID/status`. Pure. */
export function willEnd(status: string): boolean {
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '0';
  const mask = (name: string) => BigInt(`0x${field(name)}`);
  const own = mask('SigPnd');
  if ((own & bit(SIGKILL)) !== 0n) return true;
  // A tracer is asked first and may drop the signal.
  if (field('TracerPid') !== '0') return false;
  const spared = HARMLESS.reduce((all, signal) => all | bit(signal), 0n);
  const deadly = (own | mask('ShdPnd')) & ~(mask('SigBlk') | mask('SigIgn') | mask('SigCgt') | spared);
  return deadly !== 0n;
}

function bit(signal: number): bigint {
  return 1n << BigInt(signal - 1);
}
