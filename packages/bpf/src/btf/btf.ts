import { BpfError } from '../bpf-error.js';
import { decodeRecord } from './decode.js';
import { BTF_KIND, type BtfKindName, type BtfType, recordTail } from './type.js';

const MAGIC = 0xeb9f;
const HEADER_LENGTH = 24;
/** More types than any kernel has; bounds the memory for a hostile file. */
const MAX_TYPES = 4_000_000;

/**
 * The type information of one kernel (`/sys/kernel/btf/vmlinux`), indexed once and decoded on demand: opening takes one
 * pass over the records, memory is the file and four bytes per type. Pure: the same bytes give the same answers on any
 * machine, so a plan can be checked for another node's kernel.
 */
export class Btf {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #typeStart: number;
  readonly #stringStart: number;
  readonly #stringEnd: number;
  /** Offset of each type's record in the file; index is the type id, 0 unused. */
  readonly #records: Uint32Array;
  readonly #decoded = new Map<number, BtfType>();
  /** Results of {@link Btf.find} by kind and name. */
  readonly #found = new Map<string, number | undefined>();

  /**
   * @param bytes a whole BTF blob; it must not change while this object lives
   * @throws BpfError ORD-402 if the blob is cut short or malformed
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < HEADER_LENGTH) throw malformed(`${bytes.length} bytes are shorter than a header`);
    this.#little = this.#view.getUint16(0, true) === MAGIC;
    if (!this.#little && this.#view.getUint16(0, false) !== MAGIC)
      throw malformed('the magic number is missing');
    const headerLength = this.#u32(4);
    this.#typeStart = headerLength + this.#u32(8);
    const typeEnd = this.#typeStart + this.#u32(12);
    this.#stringStart = headerLength + this.#u32(16);
    this.#stringEnd = this.#stringStart + this.#u32(20);
    if (headerLength < HEADER_LENGTH || typeEnd > bytes.length || this.#stringEnd > bytes.length) {
      throw malformed('a section reaches past the end of the file');
    }
    if (this.#stringEnd <= this.#stringStart || bytes[this.#stringEnd - 1] !== 0) {
      throw malformed('the strings do not end with NUL');
    }
    this.#records = this.#index(typeEnd);
  }

  /** Number of type ids, `void` included: valid ids are 0 to `count - 1`. */
  get count(): number {
    return this.#records.length;
  }

  /**
   * The type with this id. @throws BpfError ORD-402 for an id that does not exist or an invalid record
   */
  type(id: number): BtfType {
    if (id === 0) return VOID;
    const known = this.#decoded.get(id);
    if (known) return known;
    const offset = this.#records[id];
    if (offset === undefined) throw malformed(`type ${id} does not exist`);
    const decoded = decodeRecord(this.#view, this.#little, offset, (at) => this.#string(at));
    this.#decoded.set(id, decoded);
    return decoded;
  }

  /** The kind's number and name offset of a type without decoding it; used for scans over all types. */
  #headOf(id: number): readonly [name: number, kind: number] {
    const offset = this.#records[id] ?? 0;
    return [this.#u32(offset), (this.#u32(offset + 4) >>> 24) & 0x1f];
  }

  /**
   * The id of the first type of `kind` with exactly this name, as C looks up a tag or a function.
   * One pass over the record headers per name; nothing is decoded.
   */
  find(kind: BtfKindName, name: string): number | undefined {
    const key = `${kind} ${name}`;
    if (this.#found.has(key)) return this.#found.get(key);
    const id = this.#search(kind, name);
    this.#found.set(key, id);
    return id;
  }

  #search(kind: BtfKindName, name: string): number | undefined {
    const offset = this.#stringOffset(name);
    if (offset === undefined) return undefined;
    const wanted = BTF_KIND[kind];
    for (let id = 1; id < this.count; id++) {
      const [nameOffset, kindNumber] = this.#headOf(id);
      if (nameOffset === offset && kindNumber === wanted) return id;
    }
    return undefined;
  }

  /** All ids of one kind, ascending. */
  *ids(kind: BtfKindName): Generator<number> {
    const wanted = BTF_KIND[kind];
    for (let id = 1; id < this.count; id++) if (this.#headOf(id)[1] === wanted) yield id;
  }

  /** The name of a type; empty for anonymous ones. Cheaper than decoding it. */
  nameOf(id: number): string {
    return id === 0 ? 'void' : this.#string(this.#headOf(id)[0]);
  }

  #index(typeEnd: number): Uint32Array {
    let capacity = 1 << 16;
    let offsets = new Uint32Array(capacity);
    let id = 1;
    for (let at = this.#typeStart; at < typeEnd; id++) {
      if (at + 12 > typeEnd || id > MAX_TYPES) throw malformed(`type ${id} is cut short`);
      const info = this.#u32(at + 4);
      const tail = recordTail((info >>> 24) & 0x1f);
      if (!tail) throw malformed(`type ${id} is of unknown kind ${(info >>> 24) & 0x1f}`);
      if (id >= capacity) {
        capacity *= 2;
        const larger = new Uint32Array(capacity);
        larger.set(offsets);
        offsets = larger;
      }
      offsets[id] = at;
      at += 12 + tail[0] + tail[1] * (info & 0xffff);
      if (at > typeEnd) throw malformed(`type ${id} is cut short`);
    }
    return offsets.slice(0, id);
  }

  #u32(offset: number): number {
    return this.#view.getUint32(offset, this.#little);
  }

  #string(offset: number): string {
    const start = this.#stringStart + offset;
    if (start >= this.#stringEnd) throw malformed(`a name lies at ${offset}, past the strings`);
    const end = this.#bytes.indexOf(0, start);
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start).toString('latin1');
  }

  /** Names are deduplicated in BTF, so a name has one offset; it is between two NULs. */
  #stringOffset(name: string): number | undefined {
    if (name === '') return undefined;
    const strings = Buffer.from(
      this.#bytes.buffer,
      this.#bytes.byteOffset + this.#stringStart,
      this.#stringEnd - this.#stringStart,
    );
    const at = strings.indexOf(`\0${name}\0`, 0, 'latin1');
    return at < 0 ? undefined : at + 1;
  }
}

const VOID: BtfType = { kind: 'void' };

function malformed(why: string): BpfError {
  return new BpfError('ORD-402', `The BTF data is malformed: ${why}`);
}
