import { isMap, isScalar, type Node, type Pair } from 'yaml';
import { suggestion } from '../suggestion.js';
import { shorten } from '../yaml/node-name.js';
import { reportMismatch } from './mismatch.js';
import { type Field, type Fields, invalid, type ObjectOf, type Shape } from './shape.js';
import type { Spot } from './spot.js';
import type { FieldDescription } from './structure.js';

/**
 * An object with exactly these fields. A field that is `null` counts as absent, as for the API server.
 *
 * @param check a rule over several fields; fields that could not be read are missing from its value, and
 *   `spot.wrote(name)` tells them from fields that were not written
 */
export function object<F extends Fields>(
  fields: F,
  check?: (value: Partial<ObjectOf<F>>, spot: Spot) => void,
): Shape<ObjectOf<F>> {
  return {
    structure: { type: 'object', fields: Object.entries(fields).map(describeField) },
    read(node, spot) {
      if (!isMap<Node, Node | null>(node)) {
        reportMismatch(node, spot, 'a map of fields');
        return invalid;
      }
      const value: Record<string, unknown> = {};
      const seen = new Set<string>();
      let whole = true;
      for (const pair of node.items) {
        const name = keyOf(pair);
        const field = name === undefined || !Object.hasOwn(fields, name) ? undefined : fields[name];
        if (name === undefined) continue;
        if (field === undefined) {
          whole = false;
          if (!seen.has(name)) reportUnknown(name, pair.key, Object.keys(fields), spot);
          seen.add(name);
          continue;
        }
        if (seen.has(name)) continue;
        seen.add(name);
        if (isNull(pair.value)) {
          seen.delete(name);
          continue;
        }
        const result = field.shape.read(pair.value, spot.field(name, pair.key, pair.value));
        if (result === invalid) whole = false;
        else value[name] = result;
      }
      for (const [name, field] of Object.entries(fields)) {
        if (seen.has(name)) continue;
        if (field.required) {
          reportMissing(name, field, spot);
          whole = false;
        } else value[name] = field.absent;
      }
      const before = spot.findings.problems.length;
      check?.(value as Partial<ObjectOf<F>>, spot);
      const refused = spot.findings.problems.slice(before).some((problem) => problem.severity === 'error');
      return whole && !refused ? (value as ObjectOf<F>) : invalid;
    },
  };
}

/**
 * A map with any keys and one kind of value. `checkKey` returns the problem of a key, if any; `known` keys are
 * suggested.
 */
export function map<T>(
  values: Shape<T>,
  checkKey?: (key: string) => string | undefined,
  known: readonly string[] = [],
): Shape<{ readonly [key: string]: T }> {
  return {
    structure: { type: 'map', values: values.structure },
    read(node, spot) {
      if (!isMap<Node, Node | null>(node)) {
        reportMismatch(node, spot, 'a map');
        return invalid;
      }
      const entries: [string, T][] = [];
      let whole = true;
      for (const pair of node.items) {
        const name = keyOf(pair);
        if (name === undefined) continue;
        const wrong = checkKey?.(name);
        if (wrong !== undefined) {
          whole = false;
          const hint = suggestion(name, known);
          const message = `${spot.label}: ${wrong}`;
          spot.reportAt(spot.placeOf(pair.key), { code: 'ORD-117', message, ...(hint ? { hint } : {}) });
        }
        const valueNode = pair.value ?? pair.key;
        const result = values.read(valueNode, spot.field(name, pair.key, valueNode));
        if (result === invalid) whole = false;
        else entries.push([name, result]);
      }
      return whole ? Object.fromEntries(entries) : invalid;
    },
  };
}

function describeField([name, field]: [string, Field<unknown>]): FieldDescription {
  const { absent } = field;
  const plain =
    typeof absent === 'string' || typeof absent === 'number' || isStringList(absent) ? absent : undefined;
  return {
    name,
    doc: field.doc,
    required: field.required,
    ...(plain === undefined ? {} : { default: plain }),
    structure: field.shape.structure,
  };
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Keys that are not strings are reported once, when the tree is checked. */
function keyOf(pair: Pair<Node, Node | null>): string | undefined {
  return isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : undefined;
}

function isNull(node: Node | null): node is null {
  return node === null || (isScalar(node) && node.value === null);
}

function reportUnknown(name: string, key: Node, known: readonly string[], spot: Spot): void {
  const where = spot.label === '' ? 'the document' : spot.label;
  const message = `${where} has no field '${shorten(name)}'`;
  const hint = suggestion(name, known) ?? '';
  spot.reportAt(spot.placeOf(key), { code: 'ORD-107', message, hint });
}

function reportMissing(name: string, field: Field<unknown>, spot: Spot): void {
  const where = spot.label === '' ? 'the document' : spot.label;
  spot.report({ code: 'ORD-108', message: `${where} needs the field '${name}'`, hint: field.doc });
}
