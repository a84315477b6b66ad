import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import {
  Btf,
  disassemble,
  formatFunction,
  formatParameters,
  type KernelFunction,
  listFunctions,
  loadProgram,
  memberNames,
  ProgramBuilder,
  R0,
  R1,
  R6,
} from '@ordeal/bpf';
import { leakedFds, traceFds } from '@ordeal/linux';
import { typeFromBtf } from './btf-types.js';
import { checkParameters, compilePredicate } from './compile.js';
import type { CType } from './ctype.js';
import { emitPredicate } from './emit.js';
import { kernelMacros } from './macros.js';
import { bindParameters } from './parameters.js';
import { ProblemList } from './problem.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

const btf = new Btf(readFileSync('/sys/kernel/btf/vmlinux'));
const functions = [...listFunctions(btf)];
const macros = kernelMacros();
const CHAINS = 2_000;

test('every prototype of the kernel is accepted as a parameter list', () => {
  for (const target of functions) {
    const problems = checkParameters(btf, target, formatParameters(btf, target.proto));
    assert.deepEqual(problems, [], formatFunction(btf, target));
  }
});

test('every system call offers its arguments with a type', () => {
  const wrappers = functions.filter((target) => /^__(x64|arm64)_sys_/.test(target.name));
  let offered = 0;
  for (const target of wrappers) {
    const parameters = bindParameters(btf, target, undefined, new ProblemList('parameters'));
    for (const parameter of parameters?.values() ?? []) {
      offered++;
      assert.ok(parameter.value({ offset: 0, length: 1 }), `${parameter.name} of ${target.name}`);
    }
  }
  assert.ok(wrappers.length > 200 && offered > 3 * wrappers.length - 200, `${offered} of ${wrappers.length}`);
});

/** Follows random members from the parameter, until a number or a pointer without members. */
function randomChain(target: KernelFunction, random: (limit: number) => number): string | undefined {
  const parameters = target.proto.parameters.filter((parameter) => parameter.name !== '');
  const parameter = parameters[random(parameters.length || 1)];
  if (!parameter) return undefined;
  let text = parameter.name;
  let type: CType = typeFromBtf(btf, parameter.type);
  for (let steps = 0; steps < 12; steps++) {
    const pointed: CType | undefined = type.kind === 'pointer' ? type.target : undefined;
    const whole: CType = pointed ?? type;
    if (type.kind === 'array') {
      text += `[${random(3)}]`;
      type = type.element;
    } else if (whole.kind === 'composite' && whole.id !== undefined) {
      const next = randomMember(whole.id, random);
      if (!next || (pointed && steps > 6)) return text;
      text += `${pointed ? '->' : '.'}${next.name}`;
      type = next.type;
    } else if (type.kind === 'int' || type.kind === 'pointer') return text;
    else return undefined;
  }
  return undefined;
}

function randomMember(
  id: number,
  random: (limit: number) => number,
): { readonly name: string; readonly type: CType } | undefined {
  const composite = btf.type(id);
  if (composite.kind !== 'struct' && composite.kind !== 'union') return undefined;
  const names = memberNames(btf, composite);
  const name = names[random(names.length || 1)];
  const direct = composite.members.find((member) => member.name === name);
  if (name === undefined || !direct) return undefined;
  return { name, type: typeFromBtf(btf, direct.type) };
}

test(`${CHAINS} random reads in the kernel's own types pass the verifier`, (t) => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  let state = seed | 1;
  const random = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % limit;
  };
  let loaded = 0;
  while (loaded < CHAINS) {
    const target = functions[random(functions.length)];
    const chain = target && randomChain(target, random);
    if (!target || chain === undefined) continue;
    const text = `${chain} && (long)(${chain}) * 3 >= 7`;
    const { typed, problems } = compilePredicate({ text, function: target, btf, macros });
    if (!typed) {
      const reasons = problems.map((problem) => problem.message).join('; ');
      assert.match(
        reasons,
        /cannot compute with|is not a value|cannot be read|nothing can be cast/,
        `${target.name}: ${text}`,
      );
      continue;
    }
    const builder = new ProgramBuilder().mov(R6, R1);
    const no = builder.label('no');
    emitPredicate(builder, typed, {
      falseLabel: no,
      // A raw tracepoint passes at most 12 arguments; which ones does not matter to the verifier.
      loadArgument: (into, destination, index) => into.load('u64', destination, R6, 8 * (index % 6)),
    });
    const instructions = builder.place(no).constant(R0, 0).exit().build();
    const attachment = { kind: 'raw_tracepoint', tracepoint: 'sys_enter' } as const;
    try {
      loadProgram({ name: 'predicate', attachment, instructions }, btf, new Map()).fd.close();
    } catch (error) {
      throw new Error(`${target.name}: ${text}\n${String(error)}\n${disassemble(instructions).join('\n')}`);
    }
    loaded++;
  }
});
