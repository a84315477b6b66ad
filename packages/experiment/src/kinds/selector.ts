import { list } from '../schema/list.js';
import { map, object } from '../schema/object.js';
import { inLanguage, oneOf, string, stringThat } from '../schema/scalar.js';
import { checked, defaulted, type Infer, required } from '../schema/shape.js';
import { wrongLabelKey, wrongLabelValue, wrongNamespace } from './names.js';
import { parsePhaseSelector } from './pod-phase.js';

const FIELD_KEYS = [
  'metadata.name',
  'metadata.namespace',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];

const namespace = stringThat('a namespace name', 'ORD-117', wrongNamespace);
const labelValue = stringThat('a label value', 'ORD-117', wrongLabelValue);

const labelExpression = checked(
  object({
    key: required(stringThat('a label key', 'ORD-117', wrongLabelKey), 'The label that is compared.'),
    operator: required(oneOf(['In', 'NotIn', 'Exists', 'DoesNotExist']), 'How the label is compared.'),
    values: defaulted(list(labelValue), [], 'The values to compare with; only for In and NotIn.'),
  }),
  ({ operator, values }, spot) => {
    const wants = operator === 'In' || operator === 'NotIn';
    if (wants && values.length === 0) {
      const message = `${spot.label}: operator ${operator} needs at least one of values`;
      spot.report({ code: 'ORD-108', message });
    } else if (!wants && values.length > 0) {
      spot.report({ code: 'ORD-119', message: `values: operator ${operator} takes none` }, 'values');
    }
  },
);

function wrongFieldKey(key: string): string | undefined {
  return FIELD_KEYS.includes(key) ? undefined : `'${key}' is not a field to select by`;
}

/** The selector: which pods match. */
export const selectorShape = object(
  {
    namespaces: defaulted(
      list(namespace),
      [],
      "Pods of any of these namespaces; the experiment's own namespace when left out.",
    ),
    pods: defaulted(
      map(list(string({ minLength: 1 })), wrongNamespace),
      {},
      'Pods by namespace and name; when given, every other part of the selector is ignored.',
    ),
    labelSelectors: defaulted(map(labelValue, wrongLabelKey), {}, 'Labels that a pod must have.'),
    expressionSelectors: defaulted(list(labelExpression), [], 'Conditions on the labels of a pod.'),
    annotationSelectors: defaulted(map(string(), wrongLabelKey), {}, 'Annotations that a pod must have.'),
    fieldSelectors: defaulted(
      map(string(), wrongFieldKey, FIELD_KEYS),
      {},
      'Fields of the pod object that must have these values, metadata.name for example.',
    ),
    nodes: defaulted(
      list(string({ minLength: 1 })),
      [],
      'Pods on these nodes, and on those that nodeSelectors choose.',
    ),
    nodeSelectors: defaulted(
      map(labelValue, wrongLabelKey),
      {},
      'Pods on nodes with all of these labels, and on those that nodes names.',
    ),
    podPhaseSelectors: defaulted(
      list(inLanguage("a pod phase, or '!' and a pod phase", 'ORD-109', parsePhaseSelector)),
      [],
      'Pods in any of these phases; !Pending is every phase but that.',
    ),
  },
  (value, spot) => {
    if (value.pods === undefined || Object.keys(value.pods).length === 0) return;
    for (const part of Object.keys(value)) {
      if (part === 'pods' || !spot.wrote(part)) continue;
      spot.report(
        {
          severity: 'warning',
          code: 'ORD-123',
          message: `${part} has no effect: pods names the targets, and every other part is ignored then`,
        },
        part,
      );
    }
  },
);

/**
 * Which pods match. All parts are ANDed, except `nodes` and `nodeSelectors`, which are united, and `pods`, which
 * overrides the others. `namespaces` is never empty in an experiment: its own namespace is the default.
 */
export interface Selector extends Infer<typeof selectorShape> {}

/** One rule of `expressionSelectors`. */
export interface LabelExpression extends Infer<typeof labelExpression> {}
