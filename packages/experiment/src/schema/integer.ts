import { isScalar, type Node } from 'yaml';
import { reportMismatch } from './mismatch.js';
import { invalid, mapped, type Outcome, type Shape } from './shape.js';
import type { Spot } from './spot.js';

/** Bounds of an integer, both included. */
export interface Bounds {
  readonly min?: bigint;
  readonly max?: bigint;
}

const INT64: Required<Bounds> = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const INT32: Required<Bounds> = { min: -(2n ** 31n), max: 2n ** 31n - 1n };

/** A whole number of up to 64 bits. `max` may reach 2^64 - 1. */
export function bigInteger(bounds: Bounds = {}): Shape<bigint> {
  return integerOf('int64', { ...INT64, ...bounds });
}

/** A whole number that fits a double exactly. Bounds default to 32 bits, signed. */
export function integer(bounds: { readonly min?: number; readonly max?: number } = {}): Shape<number> {
  const min = bounds.min === undefined ? INT32.min : BigInt(bounds.min);
  const max = bounds.max === undefined ? INT32.max : BigInt(bounds.max);
  return mapped(integerOf(max > INT32.max ? 'int64' : 'int32', { min, max }), Number);
}

function integerOf(format: 'int32' | 'int64', bounds: Required<Bounds>): Shape<bigint> {
  const { min, max } = bounds;
  return {
    structure: { type: 'integer', format, minimum: min, maximum: max },
    read(node, spot) {
      const value = wholeNumber(node, spot);
      if (value === invalid || (value >= min && value <= max)) return value;
      spot.report({
        code: 'ORD-110',
        message: `${spot.label}: ${value} is out of range`,
        hint: range(min, max),
      });
      return invalid;
    },
  };
}

function range(min: bigint, max: bigint): string {
  if (max >= INT32.max) return min === 0n ? 'not negative' : `at least ${min}`;
  return `${min} to ${max}`;
}

/** The node's whole number; reports anything else. Octal as YAML 1.1 wrote it is refused: 1.1 and 1.2 disagree. */
export function wholeNumber(node: Node, spot: Spot): Outcome<bigint> {
  const source = isScalar(node) ? node.source : undefined;
  if (isScalar(node) && typeof node.value === 'bigint') {
    if (!/^[-+]?0\d/.test(source ?? '')) return node.value;
    const octal = /^0[0-7]+$/.test(source ?? '') ? BigInt(`0o${source}`) : undefined;
    spot.report({
      code: 'ORD-110',
      message: `${spot.label}: ${source} is octal to kubectl and decimal to YAML 1.2`,
      hint: octal === undefined ? 'remove the leading zero' : `write ${octal} or 0o${octal.toString(8)}`,
    });
    return invalid;
  }
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  const [, number, sign] = /^([-+]?\d+) ?(%?)$/.exec(text) ?? [];
  reportMismatch(node, spot, 'a whole number', number && (sign ? `write ${number}` : 'remove the quotes'));
  return invalid;
}
