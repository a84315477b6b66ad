import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixtureBtf, fixtureFunction } from './btf-fixture.js';
import { compilePredicate } from './compile.js';
import { formatTyped } from './format.js';
import { kernelMacros } from './macros.js';

const btf = fixtureBtf();
const macros = kernelMacros({ GFP_KERNEL: 0xcc0, __GFP_NOFAIL: 0x8000 });

/** The problems as the user sees them, with the caret line. */
function problemsOf(name: string, text: string, parameters?: string): string {
  const request = { text, function: fixtureFunction(btf, name), btf, macros };
  const { typed, problems } = compilePredicate(
    parameters === undefined ? request : { ...request, parameters },
  );
  assert.equal(typed === undefined, problems.length > 0, text);
  return problems
    .map((problem) => {
      const source = problem.in === 'predicate' ? text : (parameters ?? '');
      const caret = `${' '.repeat(problem.offset)}^${'~'.repeat(problem.length - 1)}`;
      return `${problem.code} ${problem.message}\n${source}\n${caret}${problem.hint ? `  ${problem.hint}` : ''}`;
    })
    .join('\n');
}

function typedOf(name: string, text: string, parameters?: string): string {
  const request = { text, function: fixtureFunction(btf, name), btf, macros };
  const result = compilePredicate(parameters === undefined ? request : { ...request, parameters });
  assert.deepEqual(result.problems, []);
  assert.ok(result.typed);
  return formatTyped(result.typed);
}

const DENTRY = 'struct dentry *parent, const struct qstr *name';

test("the documentation's predicates compile", () => {
  assert.equal(
    typedOf('d_alloc_parallel', 'STRNCMP(name->name, "bananas", 8)', DENTRY),
    String.raw`(kernel text at kernel[name + 8; 8] == "bananas\0")`,
  );
  assert.equal(
    typedOf('d_alloc_parallel', "STRCMP(n->name, 'bananas')", 'struct dentry *, const struct qstr *n'),
    String.raw`(kernel text at kernel[n + 8; 8] == "bananas\0")`,
  );
  assert.equal(typedOf('should_fail_bio', '(true)'), '1');
  assert.equal(typedOf('should_fail_bio', 'bio->bi_iter.bi_sector == 128'), '(kernel[bio + 24; 8] == 128)');
  assert.equal(
    typedOf(
      'should_failslab',
      's->size == 192 && gfpflags & GFP_KERNEL',
      'struct kmem_cache *s, gfp_t gfpflags',
    ),
    '((kernel[s + 4; 4] == 192) && (gfpflags & 3264))',
  );
});

test('the statement expression of the bcc example compiles', () => {
  const text =
    '(({struct gendisk *d = bio->bi_disk; struct disk_part_tbl *tbl = d->part_tbl; struct hd_struct **parts = ' +
    '(void *)tbl + sizeof(struct disk_part_tbl); struct hd_struct **partp = parts + bio->bi_partno; ' +
    'struct hd_struct *p = *partp; dev_t disk = p->__dev.devt; disk == MKDEV(254,16);}) ' +
    '&& bio->bi_iter.bi_sector == 128)';
  assert.equal(
    typedOf('should_fail_bio', text),
    '((let d = kernel[bio + 8; 8], tbl = kernel[d + 8; 8], parts = (tbl + 16), ' +
      'partp = (parts + ((long)(int)kernel[bio + 20; 1] * 8)), p = kernel[partp; 8], disk = kernel[p + 12; 4] ' +
      'in (disk == 266338320)) && (kernel[bio + 24; 8] == 128))',
  );
});

test('a misspelled member shows the members that exist', () => {
  assert.equal(
    problemsOf('d_alloc_parallel', 'STRNCMP(name->nam, "bananas", 8)', DENTRY),
    `ORD-213 'struct qstr' has no member 'nam'
STRNCMP(name->nam, "bananas", 8)
              ^~~  did you mean 'name'? members: hash, len, hash_len, name`,
  );
});

test('several mistakes are reported together', () => {
  assert.equal(
    problemsOf('should_fail_bio', 'boi->bi_opf == 3 && printk("x") && bio->bi_opf++ && bio == 3'),
    `ORD-212 nothing here is called 'boi'
boi->bi_opf == 3 && printk("x") && bio->bi_opf++ && bio == 3
^~~  did you mean 'bio'? parameters: bio
ORD-211 a predicate cannot call 'printk'
boi->bi_opf == 3 && printk("x") && bio->bi_opf++ && bio == 3
                    ^~~~~~  macros: STRCMP, STRNCMP, MAJOR, MINOR, MKDEV, S_ISLNK, S_ISREG, S_ISDIR, S_ISCHR, S_ISBLK, S_ISFIFO, S_ISSOCK, BIT, IS_ERR
ORD-211 a predicate cannot write to memory: '++'
boi->bi_opf == 3 && printk("x") && bio->bi_opf++ && bio == 3
                                              ^~
ORD-214 'struct bio *' and 'int' cannot be compared
boi->bi_opf == 3 && printk("x") && bio->bi_opf++ && bio == 3
                                                    ^~~~~~~~  cast the pointer: (unsigned long)bio`,
  );
});

/** Function, predicate, the problem's message, the text under the caret, the hint. */
const refused: readonly (readonly [string, string, string, string, string?])[] = [
  [
    'should_fail_bio',
    'bio->bi_opf = 1',
    "a predicate cannot write to memory: '='",
    '=',
    "to compare, write '=='",
  ],
  ['should_fail_bio', 'while (1) bio', "a predicate cannot contain loops: 'while'", 'while'],
  ['should_fail_bio', '1, 2', 'a predicate has no comma operator', ','],
  ['should_fail_bio', '1.5', 'predicates have no floating-point numbers: 1.5', '1.5'],
  ['should_fail_bio', '08', '08 is not a number', '08'],
  ['should_fail_bio', '1 +', 'expected an expression, found the end', ''],
  ['should_fail_bio', '(1', "expected ')' to close '(', found the end", ''],
  [
    'should_fail_bio',
    '"a" == "b"',
    'a string can only be compared',
    '"a"',
    'write STRCMP(pointer, "text") or STRNCMP(pointer, "text", bytes)',
  ],
  [
    'should_fail_bio',
    '*bio',
    "a whole 'struct bio' is not a value",
    '*bio',
    'choose a member, or take its address',
  ],
  [
    'should_fail_bio',
    'bio.bi_opf',
    "'struct bio *' is not a struct or union",
    'bio',
    "members of a pointer's target are reached with '->'",
  ],
  [
    'should_fail_bio',
    'bio->bi_iter->bi_size',
    "'struct bvec_iter' is not a pointer",
    'bio->bi_iter',
    "members of a struct are reached with '.'",
  ],
  [
    'should_fail_bio',
    '((struct boi *)bio)->bi_opf',
    "this kernel has no struct 'boi'",
    'struct boi',
    "did you mean 'bio' or 'box'?",
  ],
  ['should_fail_bio', '(gfp *)bio', "this kernel has no type 'gfp'", 'gfp', "did you mean 'gfp_t'?"],
  [
    'should_fail_bio',
    'SHARED',
    "several enums of this kernel give 'SHARED' different values",
    'SHARED',
    'write the number',
  ],
  [
    'should_fail_bio',
    'STRCMP(bio, "a")',
    "'struct bio *' does not point to text",
    'bio',
    'cast it: (char *)',
  ],
  [
    'should_failslab',
    'STRNCMP(s->name, "ab", 9)',
    '9 bytes cannot be compared with a string of 3, its NUL included',
    '9',
    '3 compares the whole string, less its beginning',
  ],
  [
    'should_failslab',
    'STRCMP(s->name, dentry)',
    'only a string in quotes can be compared with',
    'dentry',
    'write "dentry"',
  ],
  ['probe', '&p->low', 'a bit-field has no address', '&p->low'],
  ['probe', 'p->real > 1', "predicates cannot compute with 'double'", 'p->real'],
  ['probe', '({ int a; a; })', "'a' needs a value: a predicate cannot assign one later", 'a'],
  [
    'probe',
    '({ int *a = p; a; })',
    "'int *' cannot be initialised with 'struct box *'",
    'p',
    'cast it: (int *)',
  ],
  [
    'probe',
    'p->user == p->text ? p->user : p->text',
    "the branches point into user memory and into kernel memory: 'char *' and 'char *'",
    'p->user == p->text ? p->user : p->text',
  ],
  ['probe', '((struct opaque *)p)->x', "this kernel's BTF does not say what is in 'struct opaque'", 'x'],
];

for (const [name, text, message, under, hint] of refused) {
  test(`refused: ${text}`, () => {
    const { problems } = compilePredicate({ text, function: fixtureFunction(btf, name), btf, macros });
    const [problem] = problems;
    assert.ok(problem);
    assert.equal(problem.message, message);
    const marked = text.slice(problem.offset, problem.offset + problem.length);
    assert.equal(marked, under);
    assert.equal(problem.hint, hint);
  });
}

test('a parameter list is checked against the kernel', () => {
  assert.equal(
    problemsOf('d_alloc_parallel', 'true', 'struct inode *parent, const struct qstr *name'),
    `ORD-215 this kernel has no struct 'inode'
struct inode *parent, const struct qstr *name
^~~~~~~~~~~~`,
  );
  assert.equal(
    problemsOf('d_alloc_parallel', 'true', 'struct bio *parent, const struct qstr *name'),
    `ORD-216 parameter 1 of d_alloc_parallel is 'struct dentry *parent', not 'struct bio *parent'
struct bio *parent, const struct qstr *name
^~~~~~~~~~~~~~~~~~  in this kernel: struct dentry *d_alloc_parallel(struct dentry *parent, const struct qstr *name, struct wait_queue_head *wq)`,
  );
  assert.equal(
    problemsOf('should_failslab', 'true', 'struct kmem_cache *s, unsigned flags, int more'),
    `ORD-216 should_failslab has only 2 parameters
struct kmem_cache *s, unsigned flags, int more
                                      ^~~~~~~~  in this kernel: int should_failslab(struct kmem_cache *s, gfp_t gfpflags)`,
  );
});

test('a list may use other names, be shorter, and spell types differently', () => {
  const lists = [
    '',
    'void',
    'struct dentry *',
    'struct dentry *a, struct qstr const *b, struct wait_queue_head *c',
  ];
  for (const list of lists) assert.equal(problemsOf('d_alloc_parallel', 'true', list), '');
  assert.equal(typedOf('d_alloc_parallel', 'wq', 'struct dentry *parent'), 'wq');
  assert.equal(typedOf('should_failslab', 'f & 1', 'struct kmem_cache *, unsigned f'), '(f & 1)');
  assert.equal(problemsOf('probe', 'a->i', 'struct box a[4], void __user *'), PROBE_SECOND);
});

const PROBE_SECOND = `ORD-216 parameter 2 of probe is 'struct box *q', not 'void *'
struct box a[4], void __user *
                 ^~~~~~~~~~~  in this kernel: int probe(struct box *p, struct box *q, int n, long unsigned int x, unsigned char m, short int k, _Bool yes, long int z)`;

test('a system call offers its own arguments, in user memory', () => {
  const mount = 'STRCMP(dev_name, "tmpfs") && flags & 1';
  const typed = String.raw`((user text at (char *)kernel[regs + 40; 8] == "tmpfs\0") && (kernel[regs; 8] & 1))`;
  assert.equal(typedOf('__x64_sys_mount', mount), typed);
  assert.equal(typedOf('__x64_sys_mount', mount, 'const struct pt_regs *regs'), typed);
  assert.equal(
    typedOf('__x64_sys_mount', "*d == 't'", 'char __user *d'),
    '((int)user[(char *)kernel[regs + 40; 8]; 1] == 116)',
  );
  // BTF's own prototype comes before the table.
  assert.equal(typedOf('__x64_sys_openat2', 'dfd == -100'), '((int)kernel[regs + 40; 8] == -100)');
});

test('a predicate that does not fit on the stack is refused', () => {
  let text = 'p->i';
  for (let depth = 0; depth < 60; depth++) text = `p->i - (${text})`;
  assert.match(problemsOf('probe', text), /ORD-217 the predicate needs more intermediate values/);
  const long = '-'.repeat(1000);
  assert.match(problemsOf('probe', `${'- '.repeat(300)}1`), /ORD-217 the expression is nested/);
  assert.match(problemsOf('probe', `STRCMP(p->text, "${long}")`), /ORD-217 more than 255 bytes/);
});
