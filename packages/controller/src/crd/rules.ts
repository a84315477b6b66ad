import type { StructuralSchema, ValidationRule } from '@ordeal/experiment';

/** The longest duration in text; rules over texts without a limit cost too much for the API server. */
const DURATION_LENGTH = 64;
const DURATION = "'^[+]?(([0-9]+([.][0-9]*)?|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h))+$'";

/** The same schema with more constraints. */
export function refined(schema: StructuralSchema | undefined, more: StructuralSchema): StructuralSchema {
  const rules = [
    ...(schema?.['x-kubernetes-validations'] ?? []),
    ...(more['x-kubernetes-validations'] ?? []),
  ];
  return { ...schema, ...more, ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}) };
}

/** A schema whose properties are refined, by name. */
export function withProperties(
  schema: StructuralSchema,
  more: { readonly [name: string]: StructuralSchema },
): StructuralSchema {
  const properties = { ...schema.properties };
  for (const [name, refinement] of Object.entries(more)) {
    properties[name] = refined(properties[name], refinement);
  }
  return { ...schema, properties };
}

/** A Go duration; the empty text counts as absent. */
export function durationRules(longerThanNothing: boolean): StructuralSchema {
  const rules = [
    {
      rule: `self == '' || self == '0' || self.matches(${DURATION})`,
      message: 'must be a Go duration such as 300ms, 1.5h or 2h45m',
    },
  ];
  if (longerThanNothing) {
    rules.push({
      rule: `self == '' || self.matches('[1-9]')`,
      message: 'must be greater than zero; leave it out to run until stopped',
    });
  }
  return { maxLength: DURATION_LENGTH, 'x-kubernetes-validations': rules };
}

/** The rules of `mode` for `value`. */
export const MODE_RULES: readonly ValidationRule[] = [
  {
    rule: "self.mode in ['one', 'all'] || (has(self.value) && self.value.matches('^[+]?[0-9]{1,9}$') && int(self.value) > 0)",
    message:
      'modes fixed, fixed-percent and random-max-percent need a value: a whole number of at least 1, as text',
  },
  {
    rule: "!(self.mode in ['fixed-percent', 'random-max-percent']) || !has(self.value) || !self.value.matches('^[+]?[0-9]{1,9}$') || int(self.value) <= 100",
    message: 'the value of fixed-percent and random-max-percent is a percentage of at most 100',
  },
];

/** Only the properties named here may be changed once the object exists. */
export function immutableBut(
  schema: StructuralSchema,
  changeable: readonly string[],
  message: string,
): ValidationRule {
  const parts = Object.keys(schema.properties ?? {})
    .filter((name) => !changeable.includes(name))
    .map((name) => {
      const same = `self.${name} == oldSelf.${name}`;
      if (schema.required?.includes(name)) return same;
      return `has(self.${name}) == has(oldSelf.${name}) && (!has(self.${name}) || ${same})`;
    });
  return { rule: parts.join(' && '), message };
}
