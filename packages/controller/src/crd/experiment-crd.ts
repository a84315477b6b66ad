import {
  describeKind,
  type StructuralSchema,
  structuralSchema,
  type ValidationRule,
} from '@ordeal/experiment';
import type { ChaosKind } from '../api/kinds.js';
import { AGE, type Column, definition } from './definition.js';
import { durationRules, immutableBut, MODE_RULES, refined, withProperties } from './rules.js';
import { experimentStatusSchema } from './status-schema.js';

const IMMUTABLE = 'an experiment cannot be changed, except its duration: delete it and create another';

/** Each action has its own block only. */
const ACTION_RULES: readonly ValidationRule[] = [
  block(
    'latency',
    'delay, histogram or stall',
    "((has(self.delay) && self.delay != '') || has(self.histogram) || has(self.stall))",
  ),
  block('fault', 'errno', "(has(self.errno) && self.errno != 0 && self.errno != '')"),
  block('attrOverride', 'attr', 'has(self.attr)'),
  block('mistake', 'mistake', 'has(self.mistake)'),
  block('limit', 'limit', 'has(self.limit)'),
  block('capacity', 'capacity', 'has(self.capacity)'),
  block('powerLoss', 'powerLoss', 'has(self.powerLoss)'),
  ...['jitter', 'correlation', 'distribution'].map((name) => detail('latency', name)),
  detail('fault', 'unsynced'),
];

function block(action: string, name: string, given: string): ValidationRule {
  return {
    rule: `(self.action == '${action}') == ${given}`,
    message: `${name} belongs to action ${action}, which needs it, and to no other`,
  };
}

/** A field that says more of one action. */
function detail(action: string, name: string): ValidationRule {
  return {
    rule: `self.action == '${action}' || !has(self.${name})`,
    message: `${name} belongs to action ${action}`,
  };
}

const VOLUME_PATH: StructuralSchema = {
  maxLength: 4096,
  'x-kubernetes-validations': [
    { rule: "self.startsWith('/')", message: 'must be an absolute path in the container' },
  ],
};

/** The refinements of `spec` for each kind; the same for the spec of a Schedule's experiments. */
export const specRefinements = {
  KernelChaos: (spec: StructuralSchema) => target(spec, {}, []),
  IOChaos: (spec: StructuralSchema) =>
    target(
      spec,
      { delay: durationRules(false), jitter: durationRules(false), volumePath: VOLUME_PATH },
      ACTION_RULES,
    ),
} as const;

function target(
  spec: StructuralSchema,
  properties: { readonly [name: string]: StructuralSchema },
  rules: readonly ValidationRule[],
): StructuralSchema {
  const whole = withProperties(spec, {
    value: { maxLength: 16 },
    duration: durationRules(true),
    ...properties,
  });
  return refined(whole, { 'x-kubernetes-validations': [...MODE_RULES, ...rules] });
}

const COLUMNS: readonly Column[] = [
  column('Phase', '.status.phase', 'What the experiment is doing.'),
  column('Targets', '.status.targets', 'How many of the targets are under faults.'),
  { ...column('Faults', '.status.faults', 'How many faults there were.'), type: 'integer' },
  column('Duration', '.spec.duration', 'How long it lasts after its creation.'),
  AGE,
  { ...column('Message', '.status.message', 'Why it is in this phase.'), priority: 1 },
];

function column(name: string, jsonPath: string, description: string): Column {
  return { name, type: 'string', jsonPath, description };
}

/** The CRD of KernelChaos or IOChaos. */
export function experimentCrd(kind: ChaosKind, shortNames: readonly string[], group?: string) {
  const { plural, singular } = describeKind(kind);
  const schema = structuralSchema(kind);
  const spec = specRefinements[kind](schema.properties?.spec ?? {});
  const immutable = refined(spec, {
    'x-kubernetes-validations': [immutableBut(spec, ['duration'], IMMUTABLE)],
  });
  const action = kind === 'IOChaos' ? [column('Action', '.spec.action', 'What happens to requests.')] : [];
  return definition({
    ...(group === undefined ? {} : { group }),
    kind,
    plural,
    singular,
    shortNames,
    columns: [...action, ...COLUMNS],
    schema: {
      ...schema,
      properties: { ...schema.properties, spec: immutable, status: experimentStatusSchema },
    },
  });
}
