import type { Node } from 'yaml';
import type { Spot } from './spot.js';
import type { Structure } from './structure.js';

/** Stands for a value that could not be read; what is wrong with it has been reported already. */
export const invalid: unique symbol = Symbol('invalid');

/** A value that was read, or the mark of one that could not be. */
export type Outcome<T> = T | typeof invalid;

/**
 * One kind of value: what it looks like (`structure`, data) and how it is read from a YAML node. Reading never
 * throws: problems are reported to the spot.
 */
export interface Shape<T> {
  readonly structure: Structure;
  read(node: Node, spot: Spot): Outcome<T>;
}

/** A field of an object shape. Made by `required`, `optional` and `defaulted`. */
export interface Field<T> {
  readonly shape: Shape<unknown>;
  readonly doc: string;
  readonly required: boolean;
  /** What the field is when it was not written. */
  readonly absent: T | undefined;
  /** Only there to carry the type. */
  readonly type?: T;
}

/** Field names and what each holds. */
export type Fields = { readonly [name: string]: Field<unknown> };

/** The value of an object with these fields. */
export type ObjectOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

/** The TypeScript type of the values that a shape reads. */
export type Infer<S> = S extends Shape<infer T> ? T : never;

/** A field that must be written. */
export function required<T>(shape: Shape<T>, doc: string): Field<T> {
  return { shape, doc, required: true, absent: undefined };
}

/** A field that may be left out, and is `undefined` then. */
export function optional<T>(shape: Shape<T>, doc: string): Field<T | undefined> {
  return { shape, doc, required: false, absent: undefined };
}

/** A field that may be left out, and has a default then. */
export function defaulted<T>(shape: Shape<T>, absent: T, doc: string): Field<T> {
  return { shape, doc, required: false, absent };
}

/** The same shape with one more rule, which sees only values that could be read and reports what it dislikes. */
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

/** The same shape with its values turned into something else. */
export function mapped<T, U>(shape: Shape<T>, turn: (value: T, spot: Spot) => Outcome<U>): Shape<U> {
  return {
    structure: shape.structure,
    read(node, spot) {
      const value = shape.read(node, spot);
      return value === invalid ? invalid : turn(value, spot);
    },
  };
}
