import {
  type BigIntStats,
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';

/** Bytes of files that are kept in memory. */
const MOST = 256 * 1024 * 1024;

interface Kept {
  /** As it was last known to be as at the beginning. */
  stat: BigIntStats;
  /** Of a file, or the target of a symbolic link. */
  readonly content: Buffer | undefined;
}

/** A copy of a directory in memory, to bring the directory back to. */
export class VolumeCopy {
  readonly #root: string;
  /** By path from the root, whose bytes are the characters; directories before what is in them. */
  readonly #kept = new Map<string, Kept>();

  /**
   * @param root a way to the directory that stays while it is covered
   * @param name of the directory, for messages
   *
   * @throws OrdealError ORD-310 where it holds more than 256 MiB, or special files
   */
  constructor(root: string, name: string) {
    this.#root = root;
    let size = 0;
    for (const path of this.#paths('')) {
      const stat = this.#stat(path);
      size += stat.isFile() ? Number(stat.size) : 0;
      if (size > MOST)
        throw new OrdealError('ORD-310', `${name} holds more than 256 MiB`, {
          hint: 'Bring it back to its beginning yourself before each run, with --prepare CMD.',
        });
      if (!stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink()) continue;
      this.#kept.set(path, { stat, content: this.#contentOf(path, stat) });
    }
  }

  /** Makes the directory what it was: what differs by size, times or owner is written again. @throws Error of node:fs */
  restore(): void {
    const found = new Set<string>();
    for (const path of this.#paths('')) {
      const kept = this.#kept.get(path);
      const stat = this.#stat(path);
      if (kept && kindOf(kept.stat) === kindOf(stat)) found.add(path);
      else rmSync(this.#way(path), { recursive: true });
    }
    for (const [path, kept] of this.#kept) {
      if (!found.has(path)) this.#make(path, kept);
      else if (!isSame(kept.stat, this.#stat(path))) this.#rewrite(path, kept);
      else continue;
      kept.stat = this.#stat(path);
    }
  }

  #make(path: string, { stat, content = Buffer.alloc(0) }: Kept): void {
    const way = this.#way(path);
    if (stat.isDirectory()) mkdirSync(way);
    else if (stat.isSymbolicLink()) symlinkSync(content, way);
    else writeFileSync(way, content, { flag: 'wx' });
    this.#attributes(way, stat);
  }

  #rewrite(path: string, { stat, content }: Kept): void {
    const way = this.#way(path);
    if (stat.isFile() && content) writeFileSync(way, content);
    else if (stat.isSymbolicLink() && content) {
      rmSync(way);
      symlinkSync(content, way);
    }
    this.#attributes(way, stat);
  }

  #attributes(way: Buffer, stat: BigIntStats): void {
    lchownSync(way, Number(stat.uid), Number(stat.gid));
    if (!stat.isSymbolicLink()) chmodSync(way, Number(stat.mode & 0o7777n));
    lutimesSync(way, Number(stat.atimeNs) / 1e9, Number(stat.mtimeNs) / 1e9);
  }

  *#paths(directory: string): Generator<string> {
    for (const name of readdirSync(this.#way(directory), { encoding: 'latin1' }).sort()) {
      const path = `${directory}/${name}`;
      const isDirectory = this.#stat(path).isDirectory();
      yield path;
      if (isDirectory && this.#isThere(path)) yield* this.#paths(path);
    }
  }

  /** What was yielded may have been removed meanwhile. */
  #isThere(path: string): boolean {
    return lstatSync(this.#way(path), { throwIfNoEntry: false }) !== undefined;
  }

  #contentOf(path: string, stat: BigIntStats): Buffer | undefined {
    if (stat.isFile()) return readFileSync(this.#way(path));
    return stat.isSymbolicLink() ? readlinkSync(this.#way(path), 'buffer') : undefined;
  }

  #stat(path: string): BigIntStats {
    return lstatSync(this.#way(path), { bigint: true });
  }

  #way(path: string): Buffer {
    return Buffer.concat([Buffer.from(this.#root), Buffer.from(`/.${path}`, 'latin1')]);
  }
}

function kindOf({ mode }: BigIntStats): bigint {
  return mode & 0o170000n;
}

/** The times of a directory change with its entries, which are looked at one by one. */
function isSame(one: BigIntStats, other: BigIntStats): boolean {
  const attributes = ['mode', 'uid', 'gid'] as const;
  if (!attributes.every((name) => one[name] === other[name])) return false;
  if (one.isDirectory()) return true;
  return (['ino', 'size', 'mtimeNs', 'ctimeNs'] as const).every((name) => one[name] === other[name]);
}
