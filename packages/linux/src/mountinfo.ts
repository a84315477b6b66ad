import { readFileSync } from 'node:fs';

/** One line of `/proc/PID/mountinfo` (man 5 proc_pid_mountinfo). */
export interface Mount {
  readonly id: number;
  readonly parent: number;
  /** `major:minor` of the device. */
  readonly device: string;
  /** The directory of the file system that is the root of this mount. */
  readonly root: string;
  readonly path: string;
  readonly options: readonly string[];
  /** `shared:N`, `master:N`, … */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
}

/** Mounts in order of the file; later ones may cover earlier ones. */
export function readMounts(pid: number | 'self' = 'self'): Mount[] {
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
}

/** Parses the text of a mountinfo file; lines that do not fit are left out. */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [id, parent, device, root, path, options] = fields;
    if (dash < 0 || options === undefined) return [];
    return [
      {
        id: Number(id),
        parent: Number(parent),
        device: device ?? '',
        root: unescapeOctal(root ?? ''),
        path: unescapeOctal(path ?? ''),
        options: options.split(','),
        propagation: fields.slice(6, dash),
        type: fields[dash + 1] ?? '',
        source: unescapeOctal(fields[dash + 2] ?? ''),
      },
    ];
  });
}

/** The kernel writes space, tab, newline and backslash in paths as `\040` and so on. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
