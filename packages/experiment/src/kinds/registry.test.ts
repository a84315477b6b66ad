import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldDescription, Structure } from '../schema/structure.js';
import { describeKind, KINDS, structuralSchema } from './registry.js';

/** Every field of a kind by its path, with its description. */
function* fieldsOf(fields: readonly FieldDescription[], path = ''): Generator<[string, FieldDescription]> {
  for (const field of fields) {
    const here = path === '' ? field.name : `${path}.${field.name}`;
    yield [here, field];
    let { structure }: { structure: Structure } = field;
    while (structure.type === 'list') structure = structure.items;
    if (structure.type === 'object') yield* fieldsOf(structure.fields, here);
  }
}

test('every field of every kind has a description of one sentence', () => {
  for (const kind of KINDS) {
    for (const [path, { doc }] of fieldsOf(describeKind(kind).fields)) {
      assert.match(doc, /^[A-Z].*\.$/, `${kind} ${path}`);
    }
  }
});

test('the reference is data', () => {
  const fields = new Map(fieldsOf(describeKind('KernelChaos').fields));
  assert.deepEqual(fields.get('spec.failKernRequest.probability'), {
    name: 'probability',
    doc: 'Percent of matches that fail; always when left out, never when 0.',
    required: false,
    default: 100,
    structure: { type: 'integer', format: 'int32', minimum: 0n, maximum: 100n },
  });
  assert.equal(fields.get('spec.failKernRequest.callchain.funcname')?.required, false);
});

test('CRD schemas are structural: every value has a type', () => {
  const check = (value: object, path: string): void => {
    const schema = value as ReturnType<typeof structuralSchema>;
    const open = schema['x-kubernetes-preserve-unknown-fields'] ?? schema['x-kubernetes-int-or-string'];
    assert.ok(schema.type !== undefined || open, path);
    for (const [name, property] of Object.entries(schema.properties ?? {}))
      check(property, `${path}.${name}`);
    if (schema.items) check(schema.items, `${path}[]`);
    if (schema.additionalProperties) check(schema.additionalProperties, `${path}{}`);
  };
  for (const kind of KINDS) check(structuralSchema(kind), kind);
});

test('the CRD schema of a field', () => {
  const spec = structuralSchema('IOChaos').properties?.spec;
  assert.deepEqual(spec?.required, ['mode', 'selector', 'action', 'volumePath']);
  assert.deepEqual(spec.properties?.percent, {
    description: 'Percent of matching requests that are affected; all when left out.',
    type: 'integer',
    format: 'int32',
    minimum: 0,
    maximum: 100,
    default: 100,
  });
  assert.deepEqual(spec.properties?.errno, {
    description: 'The error that a request gets, for action fault: a number, or a name such as EIO.',
    'x-kubernetes-int-or-string': true,
  });
  assert.deepEqual(spec.properties?.methods, {
    description: 'Which file system operations; all when left out.',
    type: 'array',
    items: { type: 'string' },
  });
});
