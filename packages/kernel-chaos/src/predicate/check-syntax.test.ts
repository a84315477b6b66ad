import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSyntax } from './check-syntax.js';
import { randomExpression } from './random-expression.js';

const told = (predicate: string | undefined, parameters?: string) =>
  checkSyntax({ predicate, parameters }).map((problem) => `${problem.in}:${problem.offset} ${problem.code}`);

test('valid C has no problems, whatever its names are', () => {
  for (const text of [
    'STRNCMP(name->name, "bananas", 8)',
    '(u32)(size) == 3 && (gfp_t)(flags) & GFP_KERNEL',
    '(size) * 2 == sizeof(struct no_such_struct)',
    '({ struct gendisk *d = bio->bi_disk; d->major == 8; })',
    '((struct inode *)(x))->i_ino > 3',
  ])
    assert.deepEqual(told(text), [], text);
  assert.deepEqual(told(undefined, 'struct dentry *, const struct qstr *name, foo_t x, void (*f)(int)'), []);
  assert.deepEqual(told('(size)-1 > 0', 'size_t size'), []);
});

test('invalid C is reported at its place, in both texts', () => {
  assert.deepEqual(told('name->nam =='), ['predicate:12 ORD-210']);
  assert.deepEqual(told('a = 3'), ['predicate:2 ORD-211']);
  assert.deepEqual(told('1 +', 'struct *p'), ['parameters:7 ORD-210', 'predicate:3 ORD-210']);
});

test('no expression that compiles has a problem', () => {
  const expressions = randomExpression({ undefinedInC: true, addresses: true });
  fc.assert(fc.property(expressions, (text) => assert.deepEqual(told(text), [])));
});
