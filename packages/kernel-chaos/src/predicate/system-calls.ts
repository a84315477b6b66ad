import { type Btf, findFunction, findMember, type KernelFunction } from '@ordeal/bpf';
import { findNamed } from './btf-names.js';
import { typeFromBtf } from './btf-types.js';
import { convertNode } from './build.js';
import { type CType, formatCType, isScalar, LONG, pointerTo, type ScalarType, ULONG, VOID } from './ctype.js';
import type { Parameter } from './parameter.js';
import { parseParameters } from './parse.js';
import { ProblemList, type Span } from './problem.js';
import { resolveType } from './resolve-type.js';
import { systemCallArguments } from './system-call-table.js';
import type { TypedNode } from './typed.js';

/** `__x64_sys_mount`, `__arm64_sys_mount`: entered with a pointer to the saved registers of user space. */
const WRAPPER = /^__(x64|arm64)_sys_(\w+)$/;

/** Members of `struct pt_regs` that hold a system call's arguments (arch/x86/include/asm/syscall_wrapper.h). */
const X64_REGISTERS = ['di', 'si', 'dx', 'r10', 'r8', 'r9'];

/** An argument of a system call before its place in the registers is known. */
interface Argument {
  readonly name: string;
  readonly type: CType;
}

/**
 * The arguments of the system call behind a wrapper; their pointers point into user memory. `undefined` if the
 * function is not a wrapper.
 *
 * @param registers the wrapper's own first parameter, `const struct pt_regs *`
 */
export function systemCallParameters(
  btf: Btf,
  target: KernelFunction,
  registers: Parameter | undefined,
): Parameter[] | undefined {
  const [, arch, name] = WRAPPER.exec(target.name) ?? [];
  if (arch === undefined || name === undefined || !registers) return undefined;
  const places = registerOffsets(btf, arch);
  return systemCallArgumentsOf(btf, name).flatMap((argument, index) => {
    const place = places[index];
    return place === undefined ? [] : [registerParameter(argument, registers, place)];
  });
}

/** `openat(int dfd, const char *filename, int flags, umode_t mode)`; the name of its function says which call it is. */
export function formatSystemCall(btf: Btf, call: string, target: string): string {
  const [, , name = ''] = WRAPPER.exec(target) ?? [];
  const list = systemCallArgumentsOf(btf, name).map((argument) => formatCType(argument.type, argument.name));
  return `${call}(${list.join(', ') || 'void'})`;
}

/** The kernel's inlined bodies carry the real prototype; BTF often lacks them, then the table is used. */
function systemCallArgumentsOf(btf: Btf, name: string): Argument[] {
  const body = findFunction(btf, `__do_sys_${name}`);
  if (body) {
    // A call without arguments is declared with an unused `struct pt_regs *`.
    return body.proto.parameters
      .filter((parameter) => parameter.name !== '__unused')
      .map((parameter) => ({ name: parameter.name, type: typeFromBtf(btf, parameter.type, 'user') }));
  }
  const table = Object.hasOwn(systemCallArguments, name) ? systemCallArguments[name] : undefined;
  if (table !== undefined) return fromDeclarations(btf, table);
  const generic = findFunction(btf, `__se_sys_${name}`);
  return (generic?.proto.parameters ?? []).map((parameter) => ({ name: parameter.name, type: LONG }));
}

function fromDeclarations(btf: Btf, text: string): Argument[] {
  const names = {
    isTypedef: (name: string) => findNamed(btf, 'typedef', name) !== undefined,
    isParameter: () => false,
  };
  const declared = parseParameters(text, names, new ProblemList('parameters')) ?? [];
  return declared.map(({ name = '', type }) => {
    const problems = new ProblemList('parameters');
    const resolved = resolveType({ btf, problems, constant: () => undefined }, type, 'user');
    if (!problems.found) return { name, type: resolved };
    // A type of the table that this kernel's BTF lacks; its size is known.
    return { name, type: type.kind === 'pointer' ? pointerTo(VOID, 'user') : ULONG };
  });
}

/** Byte offsets of the argument registers in this kernel's `struct pt_regs`. */
function registerOffsets(btf: Btf, arch: string): bigint[] {
  const id = findNamed(btf, 'struct', 'pt_regs');
  const type = id === undefined ? undefined : btf.type(id);
  if (type?.kind !== 'struct') return [];
  if (arch === 'arm64') {
    const start = findMember(btf, type, 'regs');
    return start ? X64_REGISTERS.map((_, index) => BigInt(start.bitOffset / 8 + 8 * index)) : [];
  }
  return X64_REGISTERS.flatMap((name) => {
    const member = findMember(btf, type, name);
    return member ? [BigInt(member.bitOffset / 8)] : [];
  });
}

function registerParameter(argument: Argument, registers: Parameter, displacement: bigint): Parameter {
  const { name, type } = argument;
  return {
    name,
    type,
    value: (span) => {
      const address = registers.value(span);
      return address && isScalar(type) ? readRegister(address, displacement, type, span) : undefined;
    },
  };
}

function readRegister(
  address: TypedNode,
  displacement: bigint,
  type: ScalarType,
  { offset, length }: Span,
): TypedNode {
  const register: TypedNode = {
    kind: 'load',
    address,
    displacement,
    space: 'kernel',
    size: 8,
    shift: 0,
    width: 64,
    type: ULONG,
    offset,
    length,
  };
  return convertNode(register, type, { offset, length });
}
