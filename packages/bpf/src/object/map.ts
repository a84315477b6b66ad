import { ERRNO, Fd, StructWriter, SYS, SyscallError, syscall, trySyscall } from '@ordeal/linux';
import { ATTR, COMMAND, MAP_TYPE, objectName } from './attr.js';

/** The specification of a map; pure. */
export interface MapSpec {
  readonly name: string;
  readonly type: keyof typeof MAP_TYPE;
  /** Bytes; 0 for a ring buffer. */
  readonly keySize: number;
  readonly valueSize: number;
  /** Number of entries; bytes for a ring buffer. */
  readonly entries: number;
  /** BPF_F_* of include/uapi/linux/bpf.h. */
  readonly flags?: number;
}

/** A BPF map. Its creator closes it; programs that use it keep it alive inside the kernel. */
export class BpfMap {
  readonly spec: MapSpec;
  readonly fd: Fd;

  private constructor(spec: MapSpec, fd: Fd) {
    this.spec = spec;
    this.fd = fd;
  }

  /** Creates an empty map. @throws SyscallError */
  static create(spec: MapSpec): BpfMap {
    const offsets = ATTR.mapCreate;
    const attr = new StructWriter(offsets.size)
      .u32(offsets.type, MAP_TYPE[spec.type])
      .u32(offsets.keySize, spec.keySize)
      .u32(offsets.valueSize, spec.valueSize)
      .u32(offsets.entries, spec.entries)
      .u32(offsets.flags, spec.flags ?? 0);
    objectName(attr, offsets.name, spec.name);
    const fd = syscall(`bpf(MAP_CREATE ${spec.name})`, SYS.bpf, COMMAND.mapCreate, attr.bytes, offsets.size);
    return new BpfMap(spec, new Fd(fd, `BPF map ${spec.name}`));
  }

  /** A copy of the value; `undefined` if the key has none. @throws SyscallError */
  lookup(key: Uint8Array): Uint8Array | undefined {
    const value = new Uint8Array(this.spec.valueSize);
    return this.#element(COMMAND.mapLookup, key, value) ? value : undefined;
  }

  /** Sets the value, whether or not the key has one. @throws SyscallError */
  update(key: Uint8Array, value: Uint8Array): void {
    this.#element(COMMAND.mapUpdate, key, value);
  }

  /** Removes a key if it exists. @throws SyscallError */
  delete(key: Uint8Array): void {
    this.#element(COMMAND.mapDelete, key, undefined);
  }

  /** All keys. Entries added or removed at the same time may or may not be included. @throws SyscallError */
  keys(): Uint8Array[] {
    const keys: Uint8Array[] = [];
    let last: Uint8Array | undefined;
    while (keys.length <= this.spec.entries) {
      const next = new Uint8Array(this.spec.keySize);
      if (!this.#element(COMMAND.mapNextKey, last, next)) break;
      keys.push(next);
      last = next;
    }
    return keys;
  }

  /** Closes the map. */
  close(): void {
    this.fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** `false` if the kernel reports that there is no such key. */
  #element(command: number, key: Uint8Array | undefined, value: Uint8Array | undefined): boolean {
    this.#requireSize('key', this.spec.keySize, key);
    this.#requireSize(
      'value',
      command === COMMAND.mapNextKey ? this.spec.keySize : this.spec.valueSize,
      value,
    );
    const offsets = ATTR.mapElement;
    const attr = new StructWriter(offsets.size)
      .u32(offsets.mapFd, this.fd.number)
      .pointer(offsets.key, key)
      .pointer(offsets.value, value);
    const result = trySyscall(SYS.bpf, command, attr.bytes, offsets.size);
    if (result === -ERRNO.ENOENT) return false;
    if (result < 0) throw new SyscallError(`bpf(map ${this.spec.name})`, -result);
    return true;
  }

  /** The call passes no sizes: the kernel reads and writes the map's key and value size. */
  #requireSize(what: string, size: number, bytes: Uint8Array | undefined): void {
    if (bytes === undefined || bytes.length >= size) return;
    throw new RangeError(`map ${this.spec.name}: a ${what} of ${bytes.length} bytes, not ${size}`);
  }
}

/** A u32 as a map key. */
export function u32Key(number: number): Uint8Array {
  return new StructWriter(4).u32(0, number).bytes;
}
