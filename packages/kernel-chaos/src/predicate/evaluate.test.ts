import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureBtf, fixtureFunction } from './btf-fixture.js';
import { compilePredicate } from './compile.js';
import type { AddressSpace } from './ctype.js';
import { evaluateNode, evaluatePredicate, type PredicateMemory } from './evaluate.js';
import { kernelMacros } from './macros.js';
import { sampleBoxes } from './sample-boxes.js';
import type { TypedPredicate } from './typed.js';
import { valuesInC } from './values-in-c.js';

const btf = fixtureBtf();
const macros = kernelMacros({ GFP_KERNEL: 0xcc0 });

function compiled(text: string, name = 'probe'): TypedPredicate {
  const { typed, problems } = compilePredicate({ text, function: fixtureFunction(btf, name), btf, macros });
  assert.deepEqual(problems, [], text);
  assert.ok(typed);
  return typed;
}

/** Memory ranges by address and space; everything else is unreadable. */
function memoryOf(
  ...parts: readonly (readonly [AddressSpace | 'any', bigint, Uint8Array])[]
): PredicateMemory {
  return {
    read(address, length, space) {
      for (const [owner, start, bytes] of parts) {
        const at = Number(address - start);
        if (owner !== 'any' && owner !== space) continue;
        if (at >= 0 && at + length <= bytes.length) return bytes.subarray(at, at + length);
      }
      return undefined;
    },
  };
}

const P = 0x10000n;
const Q = 0x20000n;
const boxes = memoryOf(['any', P, sampleBoxes(11, P)], ['any', Q, sampleBoxes(22, Q)]);
const values = [P, Q, -123456789n, 0xfedcba9876543210n, 0xabn, 0x8001n, 1n, -5000000000n];

test('expressions have the values that a C compiler gives them', () => {
  for (const [text, value] of valuesInC) {
    const result = evaluateNode(compiled(text).root, values, boxes);
    assert.equal(result === undefined ? 'a fault' : BigInt.asUintN(64, result), value, text);
  }
});

const truths: readonly (readonly [string, boolean])[] = [
  ['1 / 0 == 0', false],
  ['!(1 / 0)', false],
  ['1 % (n - n) || 1', false],
  ['1 || 1 / 0', true],
  ['0 && 1 / 0', false],
  ['!(0 && 1 / 0)', true],
  ['(n ? 1 : 1 / 0)', true],
  ['((struct box *)8)->i || 1', false],
  ['1 || ((struct box *)8)->i', true],
  // The smallest number divided by -1, and shifts by too much, are defined.
  ['(-2147483647 - 1) / -(n != 0) == -2147483647 - 1', true],
  ['(-2147483647 - 1) % -(n != 0) == 0', true],
  ['1 << (n - n + 33) == 2', true],
  ['1l << (n - n + 65) == 2', true],
  ['-7 / 2 == -3 && -7 % 2 == -1 && -7 >> 1 == -4', true],
  ['-1 > 1u', true],
  ["'\\xff' == 255", true],
  ['sizeof(char) == 1 && sizeof(struct box) == 144 && sizeof p->text == 16 && sizeof(void *) == 8', true],
  ['MAJOR(MKDEV(254, 16)) == 254 && MINOR(MKDEV(254, 16)) == 16', true],
  ['S_ISREG(0100644) && !S_ISDIR(0100644)', true],
  ['IS_ERR(-ENOMEM) && !IS_ERR(p)', true],
  ['HUGE == 1ul << 40 && MINUS < 0', true],
];

for (const [text, truth] of truths) {
  test(`${text} is ${truth}`, () => assert.equal(evaluatePredicate(compiled(text), values, boxes), truth));
}

/** Text at the end of readable memory. */
function textAt(text: string, pattern: string): boolean {
  const bytes = new TextEncoder().encode(text);
  const memory = memoryOf(['kernel', 0x1000n, bytes]);
  return evaluatePredicate(compiled(pattern), [0x1000n - 32n], memory);
}

test('text is compared up to its NUL and not beyond', () => {
  assert.equal(textAt('bananas\0', 'STRCMP(p->text, "bananas")'), true);
  assert.equal(textAt('bananas\0', 'STRNCMP(p->text, "bananas", 8)'), true);
  assert.equal(textAt('bananas2\0', 'STRNCMP(p->text, "bananas", 8)'), false);
  assert.equal(textAt('bananas2\0', 'STRNCMP(p->text, "bananas", 7)'), true);
  assert.equal(textAt('banana\0', '!STRCMP(p->text, "bananas")'), true);
  assert.equal(textAt('ban', '!STRCMP(p->text, "bananas")'), false, 'memory ends before the text does');
  assert.equal(textAt('a\0b', 'STRNCMP(p->text, "a\\0b", 3)'), true);
  assert.equal(textAt('a\0c', 'STRNCMP(p->text, "a\\0b", 3)'), false);
  assert.equal(textAt('\0', 'STRCMP(p->text, "")'), true);
});

test("a system call's pointers are in user memory, its registers in kernel memory", () => {
  const registers = new Uint8Array(168);
  new DataView(registers.buffer).setBigUint64(40, 0x5000n, true);
  const text = new TextEncoder().encode('tmpfs\0');
  const typed = compiled('STRCMP(dev_name, "tmpfs")', '__x64_sys_mount');
  const real = memoryOf(['kernel', 0x9000n, registers], ['user', 0x5000n, text]);
  assert.equal(evaluatePredicate(typed, [0x9000n], real), true);
  const swapped = memoryOf(['user', 0x9000n, registers], ['kernel', 0x5000n, text]);
  assert.equal(evaluatePredicate(typed, [0x9000n], swapped), false);
});
