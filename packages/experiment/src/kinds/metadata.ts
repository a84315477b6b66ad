import { map, object } from '../schema/object.js';
import { anything, string, stringThat } from '../schema/scalar.js';
import { defaulted, type Field, optional, required } from '../schema/shape.js';
import { wrongLabelKey, wrongLabelValue, wrongNamespace, wrongObjectName } from './names.js';

/**
 * Fields that the API server adds to an object; accepted, so that the output of `kubectl get -o yaml` is a document.
 */
const SERVER_FIELDS = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** `metadata`, of which Ordeal itself reads only these few. */
export const metadataShape = object({
  name: required(stringThat('an object name', 'ORD-117', wrongObjectName), "The experiment's name."),
  namespace: defaulted(
    stringThat('a namespace name', 'ORD-117', wrongNamespace),
    'default',
    'The namespace that the experiment is in.',
  ),
  labels: defaulted(
    map(stringThat('a label value', 'ORD-117', wrongLabelValue), wrongLabelKey),
    {},
    'Labels of the experiment itself.',
  ),
  annotations: defaulted(map(string(), wrongLabelKey), {}, 'Annotations of the experiment itself.'),
  ...serverFields(),
});

function serverFields(): { readonly [name: string]: Field<unknown> } {
  const field = optional(anything(), 'Set by the API server; not read.');
  return Object.fromEntries(SERVER_FIELDS.map((name) => [name, field]));
}
