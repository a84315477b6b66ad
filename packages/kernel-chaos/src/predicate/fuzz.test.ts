import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureBtf, fixtureFunction } from './btf-fixture.js';
import { compilePredicate } from './compile.js';
import { kernelMacros } from './macros.js';
import { valuesInC } from './values-in-c.js';

const btf = fixtureBtf();
const macros = kernelMacros();
const target = fixtureFunction(btf, 'probe');
const ROUNDS = 100_000;

/** A repeatable stream of numbers (xorshift32). */
function stream(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const SEEDS = [
  'STRNCMP(name->name, "bananas", 8)',
  '({ struct box *b = p->next; int i = b->i, j = 2; i == j; }) && MKDEV(254, 16) != x',
  "((struct box *)(void *)p + sizeof(struct box))->text[n] == '\\x41' ? true : NULL == p",
  "/* c */ *&p->numbers[1] << 2 // d\n || REQ_OP_WRITE & ~0x1fULL || !STRCMP(p->text, 'b')",
];
const PARAMETERS = [
  'struct box *p, struct box __user *q, int n',
  'void (*f)(int), char s[4], const u8 *',
  'struct box *',
];
const PIECES = [
  ...[
    '(',
    ')',
    '((',
    '({',
    '})',
    '[',
    ']',
    '->',
    '.',
    '*',
    '&',
    ';',
    ',',
    '"',
    "'",
    '\\',
    '=',
    '==',
    '?',
    ':',
    '/*',
    '//',
  ],
  ...[
    'struct',
    'int',
    'sizeof',
    'u8',
    'p',
    'box',
    'NULL',
    '0x',
    '08',
    '1e9',
    '99999999999999999999',
    'for',
    '\0',
    '\u{1f34c}',
  ],
  ...[
    'STRCMP(p->text,"',
    'MAJOR(',
    '-',
    '~',
    '!',
    '<<',
    '%',
    '/',
    '__user',
    'unsigned',
    '(struct box *)',
    '({int a=1;',
  ],
];

function mutate(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(result.length + 1);
    const end = Math.min(result.length, at + random(8));
    const piece = PIECES[random(PIECES.length)] ?? '';
    const kind = random(5);
    if (kind === 0) result = result.slice(0, at) + result.slice(end);
    else if (kind === 1) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind === 2)
      result = result.slice(0, at) + result.slice(at, end).repeat(random(6)) + result.slice(end);
    else if (kind === 3) result = result.slice(0, at) + String.fromCharCode(random(256)) + result.slice(end);
    else result = result.slice(0, at) + piece.repeat(random(40)) + result.slice(at);
  }
  return result;
}

test(`${ROUNDS} mutated inputs are compiled or refused with a position`, (t) => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const random = stream(seed);
  const corpus = [...SEEDS, ...valuesInC.map(([text]) => text).filter((text) => text.length < 90)];
  let compiled = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const text = mutate(corpus[random(corpus.length)] ?? '', random);
    const plain = { text, function: target, btf, macros };
    const withList = random(8) === 0;
    const parameters = withList ? mutate(PARAMETERS[random(PARAMETERS.length)] ?? '', random) : '';
    let result: ReturnType<typeof compilePredicate>;
    try {
      result = compilePredicate(withList ? { ...plain, parameters } : plain);
    } catch (error) {
      throw new Error(`threw on ${JSON.stringify(text)} with ${JSON.stringify(parameters)}`, {
        cause: error,
      });
    }
    if (result.typed) compiled++;
    assert.equal(result.typed === undefined, result.problems.length > 0, text);
    for (const { offset, length, in: where } of result.problems) {
      const source = where === 'predicate' ? text : parameters;
      assert.ok(
        offset >= 0 && length > 0 && offset + length <= source.length + 1,
        `${offset}+${length} in ${text}`,
      );
    }
  }
  t.diagnostic(`${compiled} compiled`);
  assert.ok(compiled > ROUNDS / 100 && compiled < ROUNDS);
});

// If the time doubled with each level, this would never end.
test('hostile depth and length terminate', () => {
  const hostile = [
    '('.repeat(16_000),
    '!'.repeat(16_000),
    '*'.repeat(8_000),
    `(int ${'*'.repeat(16_000)})1`,
    `(int ${'['.repeat(16_000)}`,
    `(int ${'('.repeat(16_000)}`,
    `1${'+1'.repeat(8_000)}`,
    `p${'->next'.repeat(2_000)}`,
    `1?${'1?'.repeat(8_000)}`,
    '({int a='.repeat(2_000),
    'MAJOR('.repeat(2_000),
    `${'MAJOR('.repeat(150)}1${')'.repeat(150)}`,
    `${'sizeof('.repeat(150)}1${')'.repeat(150)}`,
    '9'.repeat(16_000),
    `({ ${'int a = 1; '.repeat(1_400)} a; })`,
    `(${Array.from({ length: 190 }, (_, index) => `p->i == ${index}`).join('||')})`,
  ];
  for (const text of hostile) {
    compilePredicate({ text, function: target, btf, macros });
    compilePredicate({ text: '1', parameters: text, function: target, btf, macros });
  }
});
