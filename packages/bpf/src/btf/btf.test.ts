import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Btf } from './btf.js';
import { formatType } from './format.js';
import { findFunction, formatFunction } from './functions.js';
import { offsetOf, sizeOf } from './layout.js';
import { BTF_KIND, type BtfKindName } from './type.js';

const NAMES = ['', 'int', 'point', 'x', 'flags', 'colour', 'RED', 'BLUE', 'measure', 'of'];

/** Head and tail of a record, as 32-bit words. */
function record(
  kind: BtfKindName,
  name: string,
  sizeOrType: number,
  tail: number[] = [],
  count = 0,
  flag = 0,
): number[] {
  return [nameOffset(name), ((flag << 31) | (BTF_KIND[kind] << 24) | count) >>> 0, sizeOrType, ...tail];
}

function nameOffset(name: string): number {
  return NAMES.slice(0, NAMES.indexOf(name)).reduce((sum, each) => sum + each.length + 1, 0);
}

/** A whole blob: header (magic, version, flags, length, type section, string section), types, strings. */
function blob(records: readonly number[][], little = true): Uint8Array {
  const types = records.flat();
  const strings = new TextEncoder().encode(`${NAMES.join('\0')}\0`);
  const bytes = new Uint8Array(24 + types.length * 4 + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, little);
  view.setUint8(2, 1);
  const words = [24, 0, types.length * 4, types.length * 4, strings.length, ...types];
  for (const [index, word] of words.entries()) view.setUint32(4 + index * 4, word >>> 0, little);
  bytes.set(strings, 24 + types.length * 4);
  return bytes;
}

const SAMPLE = [
  record('int', 'int', 4, [(1 << 24) | 32]), // 1
  // With the kind flag, a member's place is its bits (24-31) and its bit offset.
  record('struct', 'point', 8, [nameOffset('x'), 1, 0, nameOffset('flags'), 1, (3 << 24) | 37], 2, 1), // 2
  record('enum', 'colour', 4, [nameOffset('RED'), 0, nameOffset('BLUE'), 0xffff_ffff], 2, 1), // 3
  record('const', '', 2), // 4
  record('ptr', '', 4), // 5
  record('array', '', 0, [1, 1, 7]), // 6
  record('func_proto', '', 1, [nameOffset('of'), 5, 0, 0], 2), // 7
  record('func', 'measure', 7), // 8
  record('enum64', 'colour', 8, [nameOffset('BLUE'), 0xffff_fffe, 0xffff_ffff], 1, 1), // 9
];

for (const little of [true, false]) {
  test(`records are decoded in ${little ? 'little' : 'big'}-endian blobs`, () => {
    const btf = new Btf(blob(SAMPLE, little));
    assert.equal(btf.count, 10);
    assert.deepEqual(btf.type(0), { kind: 'void' });
    assert.deepEqual(btf.type(1), { kind: 'int', name: 'int', size: 4, signed: true, bool: false });
    const point = btf.type(2);
    assert.ok(point.kind === 'struct');
    assert.deepEqual(point.members, [
      { name: 'x', type: 1, bitOffset: 0, bitSize: 0 },
      { name: 'flags', type: 1, bitOffset: 37, bitSize: 3 },
    ]);
    const [colour, wide] = [btf.type(3), btf.type(9)];
    assert.ok(colour.kind === 'enum' && wide.kind === 'enum');
    assert.deepEqual(
      colour.values.map(({ value }) => value),
      [0n, -1n],
    );
    assert.deepEqual(wide.values, [{ name: 'BLUE', value: -2n }]);
    assert.deepEqual(btf.type(6), { kind: 'array', element: 1, count: 7 });
  });
}

test('types are found by kind and name, and written as in C', () => {
  const btf = new Btf(blob(SAMPLE));
  assert.equal(btf.find('struct', 'point'), 2);
  assert.equal(btf.find('union', 'point'), undefined);
  assert.equal(btf.find('func', 'poin'), undefined);
  assert.deepEqual([...btf.ids('enum')], [3]);
  assert.equal(formatType(btf, 5, 'p'), 'const struct point *p');
  assert.equal(formatType(btf, 6, 'a'), 'int a[7]');
  assert.equal(offsetOf(btf, 'point', 'x'), 0);
  assert.equal(sizeOf(btf, 6), 28);
  const found = findFunction(btf, 'measure');
  assert.equal(found && formatFunction(btf, found), 'int measure(const struct point *of, ...)');
});

test('truncated data and invalid offsets are refused, never read past', () => {
  const whole = blob(SAMPLE);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => new Btf(whole.slice(0, length)), { code: 'ORD-402' });
  }
  assert.throws(() => new Btf(blob(SAMPLE)).type(10), { code: 'ORD-402' });
  assert.throws(() => new Btf(blob([[0, 31 << 24, 0]])), { code: 'ORD-402' });
  assert.throws(() => new Btf(blob([[1 << 20, BTF_KIND.typedef << 24, 1]])).type(1), { code: 'ORD-402' });
});

test('any damage is reported, or leaves a blob that decodes', () => {
  const whole = blob(SAMPLE);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damage, (changes) => {
      const bytes = whole.slice();
      for (const [at, value] of changes) bytes[at] = value;
      try {
        const btf = new Btf(bytes);
        for (let id = 0; id < btf.count; id++) btf.type(id);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ORD-402', String(error));
      }
    }),
  );
});
