import { constants } from 'node:os';

const numbers: Readonly<Record<string, number>> = constants.signals;

/** The number of a signal; host and guest are the same architecture and agree on it. */
export function signalNumber(signal: NodeJS.Signals): number {
  return numbers[signal] ?? constants.signals.SIGKILL;
}

/** The name of a signal's number; real-time signals, which Node has no names for, come back as SIGKILL. */
export function signalName(number: number): NodeJS.Signals {
  const found = Object.entries(numbers).find(([, value]) => value === number);
  return (found?.[0] ?? 'SIGKILL') as NodeJS.Signals;
}
