import fc, { type Arbitrary } from 'fast-check';
import { BOX_SIZE } from './btf-fixture.js';

/** What random expressions may contain. */
export interface ExpressionChoices {
  /** Division by anything and shifts by any count, which C leaves undefined and predicates define. */
  readonly undefinedInC: boolean;
  /** Following `next` pointers, and numbers made of addresses. */
  readonly addresses: boolean;
}

/** Boxes in a row that an expression may reach: pointers are moved by at most 3 in each of few steps. */
export const BOX_COUNT = 28;

const literals = [
  ...['0', '1', '2', '7', '127', '255', '0x7fffffff', '0x80000000', '4294967295', '0xffffffffffffffff'],
  ...[
    '017',
    '3u',
    '5l',
    '0x7fffffffffffffff',
    '0x8000000000000000',
    "'a'",
    "'\\xff'",
    "'\\0'",
    'true',
    '(NULL == 0)',
  ],
  ...['REQ_OP_LAST', 'MINUS', 'HUGE', 'ENOMEM', 'sizeof(struct box)', 'sizeof(int)', 'sizeof p->text'],
];
const scalars = ['n', 'x', 'm', 'k', 'yes', 'z'];
const members = [
  'c',
  'sc',
  'us',
  'i',
  'u',
  'flag',
  's',
  'l',
  'ul',
  'inner.a',
  'inner.b',
  'low',
  'signed_bits',
  'one',
  'half',
];
const types = ['char', 'signed char', 'u8', 'short', 'u16', 'int', 'unsigned', 'long', 'u64', '_Bool'];
const texts = ['bananas', 'banana', 'bananas2', '', 'b', 'fifteen letters'];
const arithmetic = ['+', '-', '*', '&', '|', '^'];
const comparisons = ['==', '!=', '<', '<=', '>', '>='];

interface Parts {
  number: string;
  pointer: string;
}

/**
 * Well-typed expressions over the fixture's `probe(struct box *p, struct box __user *q, int n, unsigned long x,
 * unsigned char m, short k, bool yes, long z)`. All results are numbers.
 */
export function randomExpression(choices: ExpressionChoices): Arbitrary<string> {
  const { number } = fc.letrec<Parts>((tie) => {
    const n = tie('number') as Arbitrary<string>;
    const pointer = tie('pointer') as Arbitrary<string>;
    const word = (...words: readonly string[]) => fc.constantFrom(...words);
    const join = (...parts: readonly (string | Arbitrary<string>)[]) =>
      fc
        .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
        .map((all) => all.join(''));
    const leaf = fc.oneof(
      word(...literals),
      word(...scalars),
      fc.integer().map((value) => `(${value})`),
      fc.bigInt(0n, (1n << 64n) - 1n).map((value) => `0x${value.toString(16)}`),
      join(word('p', 'q'), '->', word(...members)),
    );
    const divisor = choices.undefinedInC
      ? n
      : fc.oneof(word('3', '7u', '(-5)', '1000l'), join('(m | ', word('1', '9'), ')'));
    const count = choices.undefinedInC ? n : join('((', n, ') & 31)');
    const compound: Arbitrary<string>[] = [
      join(word('-', '~', '!', '+'), '(', n, ')'),
      join('(', word(...types), ')(', n, ')'),
      join('(', n, ' ', word(...arithmetic), ' ', n, ')'),
      join('(', n, ' ', word(...arithmetic), ' ', n, ')'),
      join('(', n, ' ', word(...comparisons), ' ', n, ')'),
      join('(', n, ' ', word('/', '%'), ' ', divisor, ')'),
      join('(', n, ' ', word('<<', '>>'), ' ', count, ')'),
      join('(', n, ' ', word('&&', '||'), ' ', n, ')'),
      join('(', n, ' ? ', n, ' : ', n, ')'),
      join(
        '({ ',
        word(...types),
        ' v = ',
        n,
        '; ',
        word(...types),
        ' w = v; v ',
        word(...arithmetic),
        ' w ^ ',
        n,
        '; })',
      ),
      join(pointer, '->', word(...members)),
      join(pointer, '->text[(', n, ') & 15]'),
      join(pointer, '->numbers[(', n, ') & 3]'),
      join('*(&', pointer, '->numbers[1] + ((', n, ') & 1))'),
      join('STRCMP(', pointer, '->text, "', word(...texts), '")'),
      join(
        'STRNCMP(',
        pointer,
        '->text, "',
        word('bananas', 'bananas2'),
        '", ',
        word('1', '3', '7', '8'),
        ')',
      ),
      join('sizeof(0 + ', n, ')'),
      join('(long)((', pointer, ' + ((', n, ') & 3)) - ', 'p', ') % 1'),
      join('MINOR(', n, ')'),
      join('S_ISREG(', n, ')'),
    ];
    if (choices.addresses) {
      compound.push(
        join('(unsigned long)', pointer),
        join('(', pointer, ' ', word(...comparisons), ' ', pointer, ')'),
      );
    }
    const moved = [
      join('(', pointer, ' + ((', n, ') & 3))'),
      join('(&', pointer, '[(', n, ') & 3])'),
      join(`((struct box *)((char *)`, pointer, ` + ${BOX_SIZE}))`),
      join('({ struct box *r = ', pointer, '; r; })'),
    ];
    const chased = choices.addresses
      ? [join(pointer, '->next'), join('((struct box *)(long)((', n, ') & 255))')]
      : [];
    return {
      number: fc.oneof({ maxDepth: 4, depthSize: 'large' }, leaf, ...compound),
      pointer: fc.oneof({ maxDepth: 4, depthSize: 'large' }, word('p', 'q'), ...moved, ...chased),
    };
  });
  return number.filter((text) => text.length < 2000);
}
