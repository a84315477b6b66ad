import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileGlob } from './glob.js';
import { type GlobToken, tokenizeGlob } from './glob-tokens.js';

function matches(pattern: string, path: string): boolean {
  const glob = compileGlob(pattern);
  assert.ok(glob.ok, pattern);
  return glob.value.matches(path);
}

function complaint(pattern: string): string {
  const glob = compileGlob(pattern);
  assert.ok(!glob.ok, pattern);
  return `${glob.fault.offset}+${glob.fault.length} ${glob.fault.message}`;
}

const cases: readonly (readonly [pattern: string, matching: readonly string[], other: readonly string[]])[] =
  [
    [
      '/data/*.log',
      ['/data/a.log', '/data/.log', '/data/.hidden.log'],
      ['/data/x/a.log', '/data/a.LOG', '/data/a.log/'],
    ],
    ['/data/?', ['/data/a', '/data/.', '/data/ü', '/data/😀'], ['/data/', '/data//', '/data/ab']],
    ['/data/**', ['/data/', '/data/a', '/data/a/b', '/data/.a/'], ['/data', '/dat/a']],
    ['/data/**/', ['/data/', '/data/a/b'], ['/data']],
    [
      '/data/**/log',
      ['/data/log', '/data/a/log', '/data/a/b/log'],
      ['/data/blog', '/data/a/blog', '/datalog'],
    ],
    ['**/x/**/y', ['x/y', 'a/x/b/y', '/x/y'], ['ax/y', 'x/ay']],
    ['/a/**/**/b', ['/a/b', '/a/1/b', '/a/1/2/b'], ['/ab']],
    ['**', ['', 'a', '/a/b'], []],
    ['', [''], ['a']],
    ['a*b*c', ['abc', 'a_b_c', 'abcbc', 'aXbXbc'], ['abcd', 'a/b/c', 'acb']],
    ['[abc]', ['a', 'c'], ['d', 'A', '']],
    ['[a-c]x', ['ax', 'cx'], ['dx', '-x']],
    ['[!a-c]', ['d', '-'], ['a', '/']],
    ['a[/]b', [], ['a/b']],
    ['[]]', [']'], ['[']],
    ['[!]]', ['['], [']']],
    ['[*][?][[]', ['*?['], ['ab[']],
    ['[a-]', ['a', '-'], ['b']],
    ['[c-a]', [], ['a', 'b', 'c']],
    ['[\\d^]', ['\\', 'd', '^'], ['1']],
    ['{a,b}', ['{a,b}'], ['a']],
    ['a\\*', ['a\\', 'a\\b'], ['a*']],
    ['(a+)$', ['(a+)$'], ['a']],
  ];

test('patterns have the meaning of the existing engine', () => {
  for (const [pattern, matching, other] of cases) {
    for (const path of matching) assert.ok(matches(pattern, path), `${pattern} should match ${path}`);
    for (const path of other) assert.ok(!matches(pattern, path), `${pattern} should not match ${path}`);
  }
});

test('a bad pattern is reported with its position', () => {
  assert.equal(complaint('a**'), "1+2 '**' must be a whole component of the path");
  assert.equal(complaint('/a/**b'), "3+2 '**' must be a whole component of the path");
  assert.equal(complaint('/a/***'), "3+3 '***' is not a wildcard");
  assert.equal(complaint('/a/[bc'), "3+3 '[' is never closed");
  assert.equal(complaint('/a/[]'), "3+2 '[' is never closed");
  assert.equal(complaint('/a/[!]'), "3+3 '[' is never closed");
});

test('the prefix is what every match starts with', () => {
  const prefix = (pattern: string) => {
    const glob = compileGlob(pattern);
    return glob.ok ? glob.value.prefix : undefined;
  };
  assert.equal(prefix('/data/**/x'), '/data/');
  assert.equal(prefix('/data/a.log'), '/data/a.log');
  assert.equal(prefix('[a]b'), '');
});

/** The same meaning without regular expressions: try everything. */
function naive(tokens: readonly GlobToken[], path: string): boolean {
  const [token, ...more] = tokens;
  if (token === undefined) return path === '';
  switch (token.type) {
    case 'literal':
      return path.startsWith(token.text) && naive(more, path.slice(token.text.length));
    case 'one': {
      const unit = path === '' ? '' : String.fromCodePoint(path.codePointAt(0) ?? 0);
      return new RegExp(`^${token.source}$`, 'su').test(unit) && naive(more, path.slice(unit.length));
    }
    case 'star':
      return naive(more, path) || (path !== '' && path[0] !== '/' && naive(tokens, path.slice(1)));
    case 'components': {
      const slash = path.indexOf('/');
      return naive(more, path) || (slash !== -1 && naive(tokens, path.slice(slash + 1)));
    }
    case 'rest':
      return true;
  }
}

test('the regular expression agrees with an exhaustive match', () => {
  const piece = fc.constantFrom('a', 'b', '/', '*', '?', '/**/', '[ab]', '[!a]');
  const pattern = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
  const path = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  fc.assert(
    fc.property(pattern, path, (written, name) => {
      const tokens = tokenizeGlob(written);
      fc.pre(tokens.ok);
      assert.equal(matches(written, name), naive(tokens.value, name));
    }),
    { numRuns: 2000 },
  );
});

// Would not end within years if each star tried every length.
test('no pattern makes matching slow', () => {
  assert.ok(!matches(`/${'a*'.repeat(60)}b`, `/${'a'.repeat(255)}`));
  assert.ok(!matches(`/**/${'*a'.repeat(60)}b/**/c`, `/${`${'a'.repeat(60)}/`.repeat(60)}d`));
});
