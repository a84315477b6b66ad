/**
 * Writes BTF, for tests: types are added one by one and referred to by the returned id; 0 is `void`.
 * Layout source: Documentation/bpf/btf.rst.
 */
export class BtfWriter {
  readonly #records: number[][] = [];
  readonly #strings = new Map<string, number>([['', 0]]);
  #stringLength = 1;

  /** The id that the next type will get. */
  get nextId(): number {
    return this.#records.length + 1;
  }

  int(name: string, size: number, encoding: 'signed' | 'unsigned' | 'bool' = 'signed'): number {
    const bits = { signed: 1, unsigned: 0, bool: 4 }[encoding];
    return this.#add(name, 1, 0, size, [(bits << 24) | (size * 8)]);
  }

  float(name: string, size: number): number {
    return this.#add(name, 16, 0, size, []);
  }

  pointer(target: number): number {
    return this.#add('', 2, 0, target, []);
  }

  const(target: number): number {
    return this.#add('', 10, 0, target, []);
  }

  typedef(name: string, target: number): number {
    return this.#add(name, 8, 0, target, []);
  }

  typeTag(name: string, target: number): number {
    return this.#add(name, 18, 0, target, []);
  }

  array(element: number, count: number): number {
    return this.#add('', 3, 0, 0, [element, element, count]);
  }

  declared(name: string, union = false): number {
    return this.#add(name, 7, 0, 0, [], union);
  }

  enum(name: string, values: Readonly<Record<string, number>>, signed = false): number {
    const entries = Object.entries(values);
    const tail = entries.flatMap(([value, number]) => [this.#string(value), number >>> 0]);
    return this.#add(name, 6, entries.length, 4, tail, signed);
  }

  enum64(name: string, values: Readonly<Record<string, bigint>>, signed = false): number {
    const entries = Object.entries(values);
    const tail = entries.flatMap(([value, number]) => [
      this.#string(value),
      Number(BigInt.asUintN(32, number)),
      Number(BigInt.asUintN(32, number >> 32n)),
    ]);
    return this.#add(name, 19, entries.length, 8, tail, signed);
  }

  /** Members as `[name, type, bit offset, bits of a bit-field]`. */
  composite(
    kind: 'struct' | 'union',
    name: string,
    size: number,
    members: readonly (readonly [name: string, type: number, bitOffset: number, bits?: number])[],
  ): number {
    const tail = members.flatMap(([member, type, offset, bits = 0]) => [
      this.#string(member),
      type,
      (bits << 24) | offset,
    ]);
    return this.#add(name, kind === 'struct' ? 4 : 5, members.length, size, tail, true);
  }

  prototype(returns: number, parameters: readonly (readonly [name: string, type: number])[]): number {
    const tail = parameters.flatMap(([name, type]) => [this.#string(name), type]);
    return this.#add('', 13, parameters.length, returns, tail);
  }

  func(name: string, prototype: number): number {
    return this.#add(name, 12, 1, prototype, []);
  }

  /** The whole blob, little-endian. */
  bytes(): Uint8Array {
    const types = this.#records.flat();
    const header = 24;
    const result = new Uint8Array(header + types.length * 4 + this.#stringLength);
    const view = new DataView(result.buffer);
    view.setUint16(0, 0xeb9f, true);
    view.setUint8(2, 1);
    const sections = [header, 0, types.length * 4, types.length * 4, this.#stringLength];
    for (const [index, value] of [...sections, ...types].entries())
      view.setUint32(4 + index * 4, value, true);
    const strings = header + types.length * 4;
    for (const [text, offset] of this.#strings) result.set(new TextEncoder().encode(text), strings + offset);
    return result;
  }

  #add(name: string, kind: number, count: number, size: number, tail: number[], flag = false): number {
    const info = ((flag ? 1 << 31 : 0) | (kind << 24) | count) >>> 0;
    return this.#records.push([this.#string(name), info, size, ...tail.map((word) => word >>> 0)]);
  }

  #string(text: string): number {
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringLength;
    this.#strings.set(text, offset);
    this.#stringLength += text.length + 1;
    return offset;
  }
}
