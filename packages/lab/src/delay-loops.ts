import { readFile } from 'node:fs/promises';

/** CONFIG_HZ of the lab's kernels. */
const TICKS = 250;

/**
 * Turns of the kernel's delay loop in a tick (`lpj=`), for emulated processors: they count this host's cycles, which /proc/cpuinfo
 * tells as `bogomips`, 500 000 turns a second. Otherwise each processor measures it when it starts, which takes a quarter of a
 * second of emulation. `undefined` where that line is missing.
 */
export async function emulatedDelayLoops(): Promise<number | undefined> {
  return delayLoops(await readFile('/proc/cpuinfo', 'utf8'));
}

/** The same from the text of /proc/cpuinfo. */
export function delayLoops(cpuinfo: string): number | undefined {
  const bogomips = Number(/^bogomips\s*:\s*([\d.]+)$/m.exec(cpuinfo)?.[1]);
  return bogomips > 0 ? Math.round((bogomips * 500_000) / TICKS) : undefined;
}
