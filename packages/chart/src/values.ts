import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import { parse } from 'yaml';
import { isMap } from './template/functions.js';

/** Values of a chart, by their names. */
export interface Values {
  readonly [name: string]: unknown;
}

/** Merges one set of values over another as Helm does: maps are merged, everything else is replaced. */
export function mergedValues(before: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(over)) {
    const old = merged[name];
    merged[name] = isMap(old) && isMap(value) ? mergedValues(old, value) : value;
  }
  return merged;
}

/** @throws OrdealError ORD-807 for a value that a chart with these defaults does not have */
export function checkValues(defaults: Values, given: Values, path = ''): void {
  // An empty map in a chart's defaults allows any names.
  if (Object.keys(defaults).length === 0) return;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) throw unknownValue(`${path}${name}`, name, defaults);
    const known = defaults[name];
    if (!isMap(known)) continue;
    if (!isMap(value)) throw new OrdealError('ORD-807', `${path}${name} is a group of values, not one value`);
    checkValues(known, value, `${path}${name}.`);
  }
}

/** Parses `a.b=value` as `helm --set` does; the value is YAML. @throws OrdealError ORD-807 */
export function valueFromText(text: string): Values {
  const equals = text.indexOf('=');
  const names = text.slice(0, Math.max(0, equals)).split('.');
  if (equals < 0 || names.includes('')) {
    throw new OrdealError(
      'ORD-807',
      `'${text}' does not set a value: write NAME=VALUE, such as kernelChaos.enabled=true`,
    );
  }
  return names.reduceRight<Values>(
    (value, name) => ({ [name]: value }),
    valuesFromYaml(`it: ${text.slice(equals + 1)}`).it as Values,
  );
}

/** Parses a file of values. @throws OrdealError ORD-807 if it is not a YAML map */
export function valuesFromYaml(text: string): Values {
  let values: unknown;
  try {
    values = parse(text) ?? {};
  } catch (cause) {
    throw new OrdealError(
      'ORD-807',
      `the values are not YAML: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  if (!isMap(values)) throw new OrdealError('ORD-807', 'the values are not a map');
  return values;
}

function unknownValue(path: string, name: string, known: Values): OrdealError {
  const [near] = nearestNames(name, Object.keys(known));
  return new OrdealError('ORD-807', `the chart has no value ${path}`, {
    ...(near === undefined ? {} : { hint: `Did you mean ${path.slice(0, -name.length)}${near}?` }),
  });
}
