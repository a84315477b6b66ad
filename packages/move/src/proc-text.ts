/** Parsers for texts of procfs. They take what the kernel writes and touch nothing. */

/** One line of `/proc/PID/maps` (man 5 proc_pid_maps). */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  readonly shared: boolean;
  readonly offset: bigint;
  /** `major:minor`, decimal as in mountinfo. */
  readonly device: string;
  readonly inode: string;
  /** As the kernel shows it; `\012` stands for a newline. Only for messages. */
  readonly path: string;
}

const MAPS_LINE =
  /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([sp]) ([0-9a-f]+) ([0-9a-f]+):([0-9a-f]+) (\d+) *(.*)$/gm;

/** All mappings that have a file behind them. */
export function parseMaps(text: string): Mapping[] {
  return [...text.matchAll(MAPS_LINE)]
    .filter((match) => match[10] !== '0')
    .map((match) => ({
      start: hex(match[1]),
      end: hex(match[2]),
      readable: match[3] === 'r',
      writable: match[4] === 'w',
      executable: match[5] === 'x',
      shared: match[6] === 's',
      offset: hex(match[7]),
      device: `${hex(match[8])}:${hex(match[9])}`,
      inode: match[10] ?? '',
      path: match[11] ?? '',
    }));
}

/** Start address of each mapping in `/proc/PID/smaps` with the two-letter names of its VmFlags. */
export function parseVmFlags(smaps: string): Map<bigint, ReadonlySet<string>> {
  const flags = new Map<bigint, ReadonlySet<string>>();
  let start = 0n;
  for (const line of smaps.split('\n')) {
    const header = /^([0-9a-f]+)-[0-9a-f]+ /.exec(line);
    if (header) start = hex(header[1]);
    else if (line.startsWith('VmFlags:')) flags.set(start, new Set(line.slice(8).trim().split(' ')));
  }
  return flags;
}

/** A number field of a fdinfo file; `undefined` if this kernel does not write it. */
export function fdinfoField(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1];
}

function hex(text = '0'): bigint {
  return BigInt(`0x${text}`);
}
