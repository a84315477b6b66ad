import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgramBuilder } from './builder.js';
import { disassemble } from './disassemble.js';
import { encodeProgram } from './instruction.js';
import { FP, R0, R1, R2 } from './register.js';

test('instructions are encoded as the kernel expects them', () => {
  const program = new ProgramBuilder()
    .constant(R1, 0x1122334455667788n)
    .load('u32', R2, FP, -8)
    .exit()
    .build();
  const hex = Buffer.from(encodeProgram(program, () => 0, true))
    .toString('hex')
    .match(/.{16}/g);
  assert.deepEqual(hex, ['1801000088776655', '0000000044332211', '61a2f8ff00000000', '9500000000000000']);
});

test('a map value carries descriptor and offset', () => {
  const program = new ProgramBuilder().loadMapValue(R1, 'counters', 24).exit().build();
  const hex = Buffer.from(encodeProgram(program, () => 7, true))
    .toString('hex')
    .match(/.{16}/g);
  assert.deepEqual(hex?.slice(0, 2), ['1821000007000000', '0000000018000000']);
});

test('jumps count slots: a wide load takes two', () => {
  const builder = new ProgramBuilder();
  const end = builder.label('end');
  const program = builder
    .note('done already?')
    .jumpImmediate('eq', R0, 0, end)
    .constant(R1, 1n << 40n)
    .atomicFetchAdd(R1, 8, R2)
    .place(end)
    .exit()
    .build();
  assert.deepEqual(disassemble(program), [
    '   0: if r0 == 0 goto 4                          ; done already?',
    '   1: r1 = 1099511627776 ll',
    '   3: r2 = fetch lock *(u64 *)(r1 + 8) += r2',
    '   4: exit',
  ]);
});

test('a label that is never placed is a defect', () => {
  const builder = new ProgramBuilder();
  builder.goto(builder.label('nowhere'));
  assert.throws(() => builder.build(), /label nowhere is never placed/);
});
