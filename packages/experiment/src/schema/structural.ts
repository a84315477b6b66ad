import type { FieldDescription, Structure } from './structure.js';

/** A node of an OpenAPI v3 schema, in the subset that Kubernetes calls structural (KEP-2335). */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly format?: 'int32' | 'int64' | 'date-time';
  readonly enum?: readonly string[];
  readonly default?: string | number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly required?: readonly string[];
  readonly properties?: { readonly [name: string]: StructuralSchema };
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly 'x-kubernetes-int-or-string'?: true;
  readonly 'x-kubernetes-list-type'?: 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: true;
}

/** A rule in CEL that a value must obey; rules with `oldSelf` check changes. */
export interface ValidationRule {
  readonly rule: string;
  readonly message: string;
}

/**
 * The schema with which the API server checks a value of this structure. It checks less than reading does: grammars
 * and rules over several fields are for the webhook.
 */
export function toStructural(structure: Structure): StructuralSchema {
  switch (structure.type) {
    case 'string': {
      const { choices, anyCase, minLength } = structure;
      return {
        type: 'string',
        ...(choices === undefined || anyCase ? {} : { enum: choices }),
        ...(minLength === undefined ? {} : { minLength }),
      };
    }
    case 'integer':
      return {
        type: 'integer',
        format: structure.format,
        ...bound('minimum', structure.minimum),
        ...bound('maximum', structure.maximum),
      };
    case 'integer-or-string':
      return { 'x-kubernetes-int-or-string': true };
    case 'list':
      return { type: 'array', items: toStructural(structure.items) };
    case 'map':
      return { type: 'object', additionalProperties: toStructural(structure.values) };
    case 'object':
      return objectOf(structure.fields);
    case 'anything':
      return { 'x-kubernetes-preserve-unknown-fields': true };
  }
}

function objectOf(fields: readonly FieldDescription[]): StructuralSchema {
  const required = fields.filter((field) => field.required).map((field) => field.name);
  return {
    type: 'object',
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
  };
}

function propertyOf({ doc, structure, default: absent }: FieldDescription): StructuralSchema {
  return {
    description: doc,
    ...toStructural(structure),
    ...(typeof absent === 'string' || typeof absent === 'number' ? { default: absent } : {}),
  };
}

/**
 * Bounds are JSON numbers. Clients read numbers as doubles: what a double cannot hold exactly would be changed
 * silently.
 */
function bound(name: 'minimum' | 'maximum', value: bigint | undefined): Partial<StructuralSchema> {
  if (value === undefined) return {};
  const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;
  return { [name]: Math.min(MAX_SAFE_INTEGER, Math.max(MIN_SAFE_INTEGER, Number(value))) };
}
