/** The structure of a document's value: plain data, from which references and CRDs are generated. */
export type Structure =
  | StringStructure
  | IntegerStructure
  | { readonly type: 'integer-or-string' }
  | { readonly type: 'list'; readonly items: Structure }
  | { readonly type: 'map'; readonly values: Structure }
  | { readonly type: 'object'; readonly fields: readonly FieldDescription[] }
  | { readonly type: 'anything' };

export interface StringStructure {
  readonly type: 'string';
  readonly choices?: readonly string[];
  /** The choices are case-insensitive. */
  readonly anyCase?: boolean;
  /** A description of the valid text: `a Go duration`. */
  readonly grammar?: string;
  readonly minLength?: number;
}

export interface IntegerStructure {
  readonly type: 'integer';
  readonly format: 'int32' | 'int64';
  readonly minimum?: bigint;
  readonly maximum?: bigint;
}

/** One field of an object: what the schema reference prints and a CRD declares. */
export interface FieldDescription {
  readonly name: string;
  /** One sentence, with the unit. */
  readonly doc: string;
  readonly required: boolean;
  /** The value that an absent field has, in document form; absent when there is none. */
  readonly default?: string | number | readonly string[];
  readonly structure: Structure;
}
