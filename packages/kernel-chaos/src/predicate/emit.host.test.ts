import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import {
  BpfMap,
  Btf,
  disassemble,
  type Instruction,
  type LoadedProgram,
  loadProgram,
  ProgramBuilder,
  R0,
  R1,
  R2,
  R6,
  u32Key,
} from '@ordeal/bpf';
import { LITTLE_ENDIAN, leakedFds, PageMemory, StructWriter, SYS, syscall, traceFds } from '@ordeal/linux';
import fc from 'fast-check';
import { fixtureBtf, fixtureFunction } from './btf-fixture.js';
import { compilePredicate } from './compile.js';
import { emitPredicate } from './emit.js';
import { evaluateNode, evaluatePredicate, type PredicateMemory } from './evaluate.js';
import { kernelMacros } from './macros.js';
import { randomExpression } from './random-expression.js';
import { sampleBoxes } from './sample-boxes.js';
import type { TypedPredicate } from './typed.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

const kernel = new Btf(readFileSync('/sys/kernel/btf/vmlinux'));
const fixture = fixtureBtf();
const probe = fixtureFunction(fixture, 'probe');
const macros = kernelMacros({ GFP_KERNEL: 0xcc0 });
const EXPRESSIONS = 6_000;

/** The fixture's `probe` as a program with its arguments in the context. 1 if the predicate holds. */
function assemble(predicate: TypedPredicate): Instruction[] {
  const builder = new ProgramBuilder().mov(R6, R1);
  const no = builder.label('no');
  emitPredicate(builder, predicate, {
    falseLabel: no,
    loadArgument: (target, destination, index) => {
      target.load('u64', destination, R6, 8 * index);
    },
  });
  return builder.constant(R0, 1).exit().place(no).constant(R0, 0).exit().build();
}

function load(instructions: readonly Instruction[], maps: ReadonlyMap<string, BpfMap>): LoadedProgram {
  const attachment = { kind: 'raw_tracepoint', tracepoint: 'sys_enter' } as const;
  return loadProgram({ name: 'predicate', attachment, instructions }, kernel, maps);
}

/** Runs a raw tracepoint program once on the given arguments (BPF_PROG_TEST_RUN, Linux ≥ 5.10). */
function run(program: LoadedProgram, values: readonly bigint[]): number {
  const context = new StructWriter(8 * values.length);
  for (const [index, value] of values.entries()) context.u64(8 * index, BigInt.asUintN(64, value));
  // union bpf_attr, test: prog_fd 0, retval 4, ctx_size_in 40, ctx_in 48.
  const attr = new StructWriter(80).u32(0, program.fd.number).u32(40, context.bytes.length);
  attr.pointer(48, context.bytes);
  syscall('bpf(PROG_TEST_RUN)', SYS.bpf, 10, attr.bytes, attr.bytes.length);
  return new DataView(attr.bytes.buffer).getUint32(4, LITTLE_ENDIAN);
}

/** Kernel memory filled with boxes, and its address. */
function kernelBoxes(): { readonly map: BpfMap; readonly address: bigint; readonly bytes: Uint8Array } {
  const size = sampleBoxes(0, 0n).length;
  const map = BpfMap.create({ name: 'boxes', type: 'array', keySize: 4, valueSize: size, entries: 1 });
  const maps = new Map([['boxes', map]]);
  const revealing = new ProgramBuilder().loadMapValue(R1, 'boxes').mov(R2, R1).store('u64', R1, 0, R2);
  const program = load(revealing.constant(R0, 0).exit().build(), maps);
  run(program, [0n]);
  program.fd.close();
  const first = map.lookup(u32Key(0)) ?? new Uint8Array(8);
  const address = new DataView(first.buffer).getBigUint64(0, LITTLE_ENDIAN);
  const bytes = sampleBoxes(33, address);
  map.update(u32Key(0), bytes);
  return { map, address, bytes };
}

test(`the kernel and the evaluator agree on ${EXPRESSIONS} random expressions`, (t) => {
  const { map, address, bytes } = kernelBoxes();
  const maps = new Map([['boxes', map]]);
  const userMemory = new PageMemory(sampleBoxes(44, 0n).length);
  const userAddress = BigInt(userMemory.address);
  const user = sampleBoxes(44, userAddress);
  userMemory.bytes.set(user);
  const memory: PredicateMemory = {
    read(place, length, space) {
      const [start, content] = space === 'kernel' ? [address, bytes] : [userAddress, user];
      const at = place - start;
      if (at < 0n || at + BigInt(length) > BigInt(content.length)) return undefined;
      return content.subarray(Number(at), Number(at) + length);
    },
  };
  const register = fc.bigInt(0n, (1n << 64n) - 1n);
  const inputs = fc.array(fc.tuple(register, register, register, register, register, register), {
    minLength: 3,
    maxLength: 3,
  });
  const counts = { runs: 0, held: 0, faults: 0 };
  const property = fc.property(
    randomExpression({ undefinedInC: true, addresses: true }),
    inputs,
    (expression, rows) => {
      const calls = rows.map((row) => [address, userAddress, ...row]);
      const typed = compile(expression);
      const value = evaluateNode(typed.root, calls[0] ?? [], memory);
      if (value === undefined) counts.faults++;
      // Checking the exact value catches more than checking whether it is 0.
      const exact = `(unsigned long)(${expression}) == 0x${BigInt.asUintN(64, value ?? 0n).toString(16)}ul`;
      const predicate = value === undefined ? typed : compile(exact);
      const instructions = assemble(predicate);
      const listing = () => `${predicate.text}\n${disassemble(instructions).join('\n')}`;
      let program: LoadedProgram;
      try {
        program = load(instructions, maps);
      } catch (error) {
        throw new Error(`${String(error)}\n${listing()}`, { cause: error });
      }
      try {
        for (const values of calls) {
          const expected = evaluatePredicate(predicate, values, memory) ? 1 : 0;
          counts.runs++;
          counts.held += expected;
          assert.equal(run(program, values), expected, `on ${values.map(String).join(', ')}\n${listing()}`);
        }
      } finally {
        program.fd.close();
      }
    },
  );
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  try {
    fc.assert(property, { numRuns: EXPRESSIONS, seed, includeErrorInReport: true });
  } finally {
    userMemory.close();
    map.close();
  }
  t.diagnostic(`${counts.runs} runs, ${counts.held} true, ${counts.faults} expressions with a fault`);
  assert.ok(counts.held > EXPRESSIONS / 4);
});

function compile(text: string): TypedPredicate {
  const { typed, problems } = compilePredicate({ text, function: probe, btf: fixture, macros });
  assert.deepEqual(problems, [], text);
  assert.ok(typed);
  return typed;
}
