import type { Node } from 'yaml';
import type { Spot } from './spot.js';
import type { Structure } from './structure.js';

/** Placeholder for a value that could not be read; its problem has been reported already. */
export const invalid: unique symbol = Symbol('invalid');

/** A value, or the placeholder of one that could not be read. */
export type Outcome<T> = T | typeof invalid;

/**
 * One kind of value: its structure (`structure`, data) and how it is read from a YAML node. Reading never
 * throws: problems are reported to the spot.
 */
export interface Shape<T> {
  readonly structure: Structure;
  read(node: Node, spot: Spot): Outcome<T>;
}

/** A field of an object shape. Created by `required`, `optional` and `defaulted`. */
export interface Field<T> {
  readonly shape: Shape<unknown>;
  readonly doc: string;
  readonly required: boolean;
  /** The value of the field when it is absent. */
  readonly absent: T | undefined;
  /** Only there to carry the type. */
  readonly type?: T;
}

/** Field names and their shapes. */
export type Fields = { readonly [name: string]: Field<unknown> };

/** The value of an object with these fields. */
export type ObjectOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** The TypeScript type of the values that a shape reads. */
export type Infer<S> = S extends Shape<infer T> ? T : never;

/** A required field. */
export function required<T>(shape: Shape<T>, doc: string): Field<T> {
  return { shape, doc, required: true, absent: undefined };
}

/** An optional field, `undefined` when absent. */
export function optional<T>(shape: Shape<T>, doc: string): Field<T | undefined> {
  return { shape, doc, required: false, absent: undefined };
}

/** An optional field with a default. */
export function defaulted<T>(shape: Shape<T>, absent: T, doc: string): Field<T> {
  return { shape, doc, required: false, absent };
}

/** The same shape with one more rule, which gets only values that could be read and reports its problems. */
export function checked<T>(shape: Shape<T>, check: (value: T, spot: Spot) => void): Shape<T> {
  return {
    structure: shape.structure,
    read(node, spot) {
      const value = shape.read(node, spot);
      if (value !== invalid) check(value, spot);
      return value;
    },
  };
}

/** The same shape with its values converted. */
export function mapped<T, U>(shape: Shape<T>, turn: (value: T, spot: Spot) => Outcome<U>): Shape<U> {
  return {
    structure: shape.structure,
    read(node, spot) {
      const value = shape.read(node, spot);
      return value === invalid ? invalid : turn(value, spot);
    },
  };
}
