import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { findFunction, loadProgram, ProgramBuilder, R0, R1, R6 } from '@ordeal/bpf';
import { leakedFds, traceFds } from '@ordeal/linux';
import { conventionOf } from '../assemble/convention.js';
import { labFacts } from '../testing/lab-target.js';
import { compilePredicate } from './compile.js';
import { emitPredicate } from './emit.js';
import { kernelMacros } from './macros.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

const facts = labFacts();
const { btf } = facts;
const convention = conventionOf('fmod_ret', facts);
const macros = kernelMacros({ GFP_KERNEL: 0xcc0 });

/** Predicates in fentry programs, where the verifier knows the arguments as typed pointers. */
const predicates: readonly (readonly [string, string, string?])[] = [
  ['d_alloc_parallel', 'STRNCMP(name->name, "bananas", 8)', 'struct dentry *parent, const struct qstr *name'],
  ['d_alloc_parallel', '(unsigned long)parent & 7 || parent->d_name.len % 3 || !wq'],
  ['d_alloc_parallel', 'parent == parent->d_parent || (int)(long)name < 3 || (parent + 1)->d_flags'],
  ['should_fail_bio', 'bio->bi_iter.bi_sector == 128 && bio->bi_bdev->bd_dev == MKDEV(254, 16)'],
  [
    'should_fail_bio',
    '({ struct block_device *d = bio->bi_bdev; dev_t disk = d->bd_dev; disk == MKDEV(254,16); }) ' +
      '&& (bio->bi_opf & 255) == REQ_OP_WRITE',
  ],
  ['should_failslab', 's->size == 192 || STRCMP(s->name, "dentry") && gfpflags & GFP_KERNEL'],
  ['should_fail_alloc_page', 'order > 0'],
  ['__x64_sys_mount', 'STRCMP(type, "tmpfs") && flags & 1 && regs->di', 'const struct pt_regs *regs'],
  ['__x64_sys_openat', 'STRCMP(filename, "bananas") && dfd == -100'],
];

for (const [name, text, parameters] of predicates) {
  test(`the verifier takes a predicate on ${name}: ${text}`, () => {
    const target = findFunction(btf, name);
    assert.ok(target, `this kernel has no ${name}`);
    const request = { text, function: target, btf, macros };
    const { typed, problems } = compilePredicate(
      parameters === undefined ? request : { ...request, parameters },
    );
    assert.deepEqual(problems, []);
    assert.ok(typed);
    const builder = new ProgramBuilder().mov(R6, R1);
    const no = builder.label('no');
    emitPredicate(builder, typed, {
      falseLabel: no,
      loadArgument: convention.loadPlainArgument,
    });
    const instructions = builder.place(no).constant(R0, 0).exit().build();
    const attachment = { kind: 'fentry', function: name } as const;
    loadProgram({ name: 'predicate', attachment, instructions }, btf, new Map()).fd.close();
  });
}
