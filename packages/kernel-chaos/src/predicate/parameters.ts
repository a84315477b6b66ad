import { type Btf, formatFunction, type KernelFunction } from '@ordeal/bpf';
import { findNamed } from './btf-names.js';
import { typeFromBtf } from './btf-types.js';
import {
  type AddressSpace,
  type CType,
  formatCType,
  INVALID,
  isScalar,
  pointerTo,
  sameType,
} from './ctype.js';
import type { Parameter } from './parameter.js';
import { parseParameters } from './parse.js';
import type { KnownNames } from './parse-context.js';
import type { ProblemList } from './problem.js';
import { resolveType, type TypeContext } from './resolve-type.js';
import type { ParameterSyntax, Syntax } from './syntax.js';
import { systemCallParameters } from './system-calls.js';

/**
 * What a predicate on `function` can name: the parameters as the user's list names them, by position; if the list
 * is shorter or absent, as BTF names them; and for a system call's wrapper the system call's own arguments.
 *
 * @param text the user's list, `undefined` if there is none
 * @returns `undefined` if the list cannot be read at all
 */
export function bindParameters(
  btf: Btf,
  target: KernelFunction,
  text: string | undefined,
  problems: ProblemList,
): ReadonlyMap<string, Parameter> | undefined {
  const real = realParameters(btf, target);
  const bound = new Map<string, Parameter>();
  const systemCall = systemCallParameters(btf, target, real[0]);
  const declared = text === undefined ? [] : parseParameters(text, typedefNames(btf), problems);
  if (!declared) return undefined;
  const types: TypeContext = { btf, problems, constant: literalCount };
  const written = declared.map((parameter) => decay(resolveType(types, parameter.type)));
  // A list for a wrapper may also be that of the system call.
  const first = written[0];
  const ownRegisters = first === undefined || (real[0] !== undefined && sameType(first, decay(real[0].type)));
  const positions = systemCall && !ownRegisters ? systemCall : real;
  for (const [index, parameter] of declared.entries()) {
    const position = positions[index];
    const type = written[index];
    if (!position || !type) {
      const prototype = prototypeOf(btf, target, positions === systemCall ? systemCall : undefined);
      const count = `${positions.length} parameter${positions.length === 1 ? '' : 's'}`;
      problems.report('ORD-216', parameter.at, `${target.name} has only ${count}`, prototype);
      break;
    }
    const fits = checkDeclared(btf, target, { parameter, type, position, index }, problems, systemCall);
    bindDeclared(bound, parameter, type, fits ? position : MISFIT, problems);
  }
  for (const position of [...real.slice(positions === real ? declared.length : 0), ...(systemCall ?? [])]) {
    if (position.name !== '' && !bound.has(position.name)) bound.set(position.name, position);
  }
  return bound;
}

/** Typedefs for parsing declarations, which allow nothing else. */
function typedefNames(btf: Btf): KnownNames {
  return {
    isTypedef: (name) => findNamed(btf, 'typedef', name) !== undefined,
    isParameter: () => false,
  };
}

/** The count of an array in a declaration; expressions make no sense there. */
function literalCount(expression: Syntax): bigint | undefined {
  return expression.kind === 'number' ? expression.value : undefined;
}

/** The parameters of the function itself, with BTF's names; `...` is none of them. */
function realParameters(btf: Btf, target: KernelFunction): Parameter[] {
  const named = target.proto.parameters.filter(({ name, type }) => name !== '' || type !== 0);
  return named.map(({ name, type: id }, index) => {
    const type = typeFromBtf(btf, id);
    return argumentParameter(name, type, index);
  });
}

function argumentParameter(name: string, type: CType, index: number): Parameter {
  return {
    name,
    type,
    value: ({ offset, length }) =>
      isScalar(type) ? { kind: 'argument', index, name, type, offset, length } : undefined,
  };
}

interface Declared {
  readonly parameter: ParameterSyntax;
  readonly type: CType;
  readonly position: Parameter;
  readonly index: number;
}

function checkDeclared(
  btf: Btf,
  target: KernelFunction,
  { parameter, type, position, index }: Declared,
  problems: ProblemList,
  systemCall: readonly Parameter[] | undefined,
): boolean {
  if (sameType(type, decay(position.type))) return true;
  const real = formatCType(position.type, position.name);
  const written = formatCType(type, parameter.name);
  problems.report(
    'ORD-216',
    parameter.at,
    `parameter ${index + 1} of ${target.name} is '${real}', not '${written}'`,
    prototypeOf(btf, target, systemCall?.includes(position) ? systemCall : undefined),
  );
  return false;
}

/** Placeholder for a parameter of the wrong type: its uses are not reported again. */
const MISFIT: Parameter = { name: '', type: INVALID, value: () => undefined };

/**
 * The user's name for the real parameter; its real type counts, but the user may know that it is a `__user` pointer.
 */
function bindDeclared(
  bound: Map<string, Parameter>,
  parameter: ParameterSyntax,
  written: CType,
  position: Parameter,
  problems: ProblemList,
): void {
  const { name } = parameter;
  if (name === undefined) return;
  if (bound.has(name)) {
    problems.report('ORD-210', parameter.at, `two parameters are called '${name}'`);
    return;
  }
  const user = written.kind === 'pointer' && written.space === 'user';
  const type = user ? inUserSpace(position.type) : position.type;
  bound.set(name, {
    name,
    type,
    value: (span) => {
      const value = position.value(span);
      if (!value) return undefined;
      const named = value.kind === 'argument' ? { ...value, name } : value;
      return isScalar(type) ? { ...named, type } : named;
    },
  });
}

function inUserSpace(type: CType): CType {
  const space: AddressSpace = 'user';
  return type.kind === 'pointer' ? pointerTo(inUserSpace(type.target), space) : type;
}

/** Arrays and functions as parameters are pointers. */
function decay(type: CType): CType {
  if (type.kind === 'array') return pointerTo(type.element);
  return type.kind === 'function' ? pointerTo(type) : type;
}

function prototypeOf(btf: Btf, target: KernelFunction, systemCall: readonly Parameter[] | undefined): string {
  if (!systemCall) return `in this kernel: ${formatFunction(btf, target)}`;
  const list = systemCall.map(({ type, name }) => formatCType(type, name)).join(', ');
  return `in this kernel: ${formatFunction(btf, target)}, for a system call (${list || 'void'})`;
}
