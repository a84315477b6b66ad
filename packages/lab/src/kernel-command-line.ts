export interface CommandLineInput {
  /** Path in the guest of the script that becomes process 1. */
  readonly initPath: string;
  /** Turns of the kernel's delay loop in a tick, where they are known. */
  readonly delayLoops?: number | undefined;
  readonly extra?: readonly string[];
}

/** The 9p mount tag of the shared root. */
export const ROOT_TAG = 'lab';

/**
 * The kernel's command line. A crash ends the VM at once (`panic=-1` with QEMU's `-no-reboot`); notices and worse go
 * to the console log.
 *
 * @throws TypeError when the init path contains a double quote, which the kernel command line cannot contain
 */
export function kernelCommandLine(input: CommandLineInput): string {
  return [
    'console=ttyS0',
    'loglevel=6',
    'panic=-1',
    // Emulated time stamp counters agree between processors; without this every clock read exits the guest.
    'tsc=reliable',
    ...(input.delayLoops === undefined ? [] : [`lpj=${input.delayLoops}`]),
    `root=${ROOT_TAG}`,
    'rootfstype=9p',
    'rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=512000',
    'ro',
    ...(input.extra ?? []).map(quote),
    `init=${quote(input.initPath)}`,
  ].join(' ');
}

/** The kernel accepts double quotes around a value with spaces, and has no escape for a quote. */
export function quote(word: string): string {
  if (word.includes('"')) throw new TypeError(`the kernel command line cannot hold a double quote: ${word}`);
  if (!/\s/.test(word)) return word;
  const equals = word.indexOf('=');
  return equals > 0 ? `${word.slice(0, equals + 1)}"${word.slice(equals + 1)}"` : `"${word}"`;
}
