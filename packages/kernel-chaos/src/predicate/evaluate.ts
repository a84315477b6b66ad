import { compute, holds, wrap } from './arithmetic.js';
import type { AddressSpace } from './ctype.js';
import type { LoadNode, MatchNode, TypedNode, TypedPredicate } from './typed.js';

/** The memory that a predicate reads. */
export interface PredicateMemory {
  /** Exactly `length` bytes, or `undefined` if one of them cannot be read. */
  read(address: bigint, length: number, space: AddressSpace): Uint8Array | undefined;
}

/** Ends an evaluation at a fault. Never leaves this file. */
class Fault extends Error {}

interface State {
  readonly arguments: readonly bigint[];
  readonly memory: PredicateMemory;
  readonly locals: Map<number, bigint>;
}

/**
 * Whether the predicate holds: the reference semantics, which the emitted program has to match. Any fault makes
 * it false.
 *
 * @param values the function's arguments as 64-bit registers, by position
 */
export function evaluatePredicate(
  predicate: TypedPredicate,
  values: readonly bigint[],
  memory: PredicateMemory,
): boolean {
  const result = evaluateNode(predicate.root, values, memory);
  return result !== undefined && result !== 0n;
}

/** The value of a node that needs neither arguments nor memory; `undefined` for others and for a division by zero. */
export function evaluateConstant(node: TypedNode): bigint | undefined {
  return evaluateNode(node, [], { read: () => undefined });
}

/** The value of a node; `undefined` for a fault. */
export function evaluateNode(
  node: TypedNode,
  values: readonly bigint[],
  memory: PredicateMemory,
): bigint | undefined {
  try {
    return valueIn({ arguments: values, memory, locals: new Map() }, node);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function valueIn(state: State, node: TypedNode): bigint {
  const value = (child: TypedNode) => valueIn(state, child);
  const truth = (child: TypedNode) => value(child) !== 0n;
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'argument':
      return argumentValue(state, node);
    case 'local':
      return known(state.locals.get(node.local));
    case 'load':
      return loadValue(state, node);
    case 'convert':
      return wrap(value(node.operand), node.type);
    case 'unary': {
      const operand = value(node.operand);
      return wrap(node.operator === '-' ? -operand : ~operand, node.type);
    }
    case 'not':
      return truth(node.operand) ? 0n : 1n;
    case 'arithmetic':
      return known(compute(node.operator, value(node.left), value(node.right), node.type));
    case 'compare':
      return holds(node.operator, value(node.left), value(node.right)) ? 1n : 0n;
    case 'logic': {
      const left = truth(node.left);
      if (left === (node.operator === '||')) return left ? 1n : 0n;
      return truth(node.right) ? 1n : 0n;
    }
    case 'choice':
      return truth(node.condition) ? value(node.whenTrue) : value(node.whenFalse);
    case 'let':
      for (const binding of node.bindings) state.locals.set(binding.local, value(binding.value));
      return value(node.result);
    case 'match':
      return matches(state, node) ? 1n : 0n;
  }
}

function argumentValue(state: State, node: TypedNode & { readonly kind: 'argument' }): bigint {
  const register = known(state.arguments[node.index]);
  // The calling convention fills only the low bits of a narrow argument; of a bool only the low byte.
  const narrow = node.type.kind === 'int' && node.type.bool ? BigInt.asUintN(8, register) : register;
  return wrap(narrow, node.type);
}

function loadValue(state: State, node: TypedNode & LoadNode): bigint {
  const address = BigInt.asUintN(64, valueIn(state, node.address) + node.displacement);
  const bytes = known(state.memory.read(address, node.size, node.space));
  let word = 0n;
  for (const [index, byte] of bytes.entries()) word |= BigInt(byte) << BigInt(8 * index);
  const bits = BigInt.asUintN(node.width, word >> BigInt(node.shift));
  const signed = node.type.kind === 'int' && node.type.signed;
  return wrap(signed ? BigInt.asIntN(node.width, bits) : bits, node.type);
}

function matches(state: State, node: TypedNode & MatchNode): boolean {
  const address = valueIn(state, node.address);
  if (node.mode === 'bytes') {
    const bytes = known(state.memory.read(address, node.bytes.length, node.space));
    return node.bytes.every((byte, index) => bytes[index] === byte);
  }
  let equal = true;
  for (let index = 0; index <= node.bytes.length; index++) {
    const place = BigInt.asUintN(64, address + BigInt(index));
    const [byte] = known(state.memory.read(place, 1, node.space));
    if (index < node.bytes.length && byte !== node.bytes[index]) equal = false;
    if (byte === 0) break;
  }
  return equal;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Fault();
  return value;
}
