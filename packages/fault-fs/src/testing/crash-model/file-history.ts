import { SECTOR } from '../../power-loss/unsynced-file.js';

/** Whether a power failure may leave something: `between` is what was there in between, neither the old nor the last. */
export type Verdict = 'possible' | 'between' | 'impossible';

/** What a file was since it was last made durable, by the plainest account: all its contents. */
export class FileHistory {
  /** The first is what the disk has for certain, the last what a program reads. */
  #versions: Buffer[] = [Buffer.alloc(0)];

  get durable(): Buffer {
    return this.#versions[0] ?? Buffer.alloc(0);
  }

  get now(): Buffer {
    return this.#versions.at(-1) ?? Buffer.alloc(0);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#versions.push(patched(this.now, offset, bytes));
  }

  truncate(size: number): void {
    this.#versions.push(resized(this.now, size));
  }

  sync(): void {
    this.#versions = [this.now];
  }

  /** These bytes, which were just written, are durable, and the size as far as they need it. */
  syncRange(offset: number, bytes: Uint8Array): void {
    if (this.#smallest < this.durable.length) this.sync();
    else this.#versions = this.#versions.map((version) => patched(version, offset, bytes));
  }

  /** @param ordered whether what was appended is on the disk before the size is */
  verdict(found: Buffer, ordered: boolean): Verdict {
    const verdicts = [this.#sizeVerdict(found.length)];
    for (let at = 0; at < found.length; at += SECTOR) {
      verdicts.push(this.#sectorVerdict(found, at, ordered && found.length > this.durable.length));
    }
    return worst(verdicts);
  }

  get #smallest(): number {
    return Math.min(...this.#versions.map(({ length }) => length));
  }

  #sizeVerdict(size: number): Verdict {
    const [old, last] = [this.durable.length, this.now.length];
    const had = this.#versions.some(({ length }) => length === size);
    if (had) return size <= Math.max(old, last) ? 'possible' : 'between';
    return size > this.#smallest && size < last && size % SECTOR === 0 ? 'possible' : 'impossible';
  }

  #sectorVerdict(found: Buffer, at: number, longer: boolean): Verdict {
    const to = Math.min(at + SECTOR, found.length);
    const sector = found.subarray(at, to);
    const same = (version: Buffer) => sector.equals(resized(version, to).subarray(at));
    const mustBeNew = longer && at + SECTOR > this.durable.length;
    if (same(this.now) || (!mustBeNew && same(this.durable))) return 'possible';
    return this.#versions.some(same) ? 'between' : 'impossible';
  }
}

export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('impossible')) return 'impossible';
  return verdicts.includes('between') ? 'between' : 'possible';
}

function resized(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([bytes], size);
}

function patched(bytes: Buffer, offset: number, patch: Uint8Array): Buffer {
  const result = resized(bytes, Math.max(bytes.length, offset + patch.length));
  result.set(patch, offset);
  return result;
}
