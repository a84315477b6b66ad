import type { LabelExpression, Selector } from '@ordeal/experiment';
import type { Pod } from '@ordeal/kube';

/** The label selector with which the API server evaluates `labelSelectors` and `expressionSelectors`. */
export function labelSelectorOf({ labelSelectors, expressionSelectors }: Selector): string {
  return [equalities(labelSelectors), ...expressionSelectors.map(requirement)].filter(Boolean).join(',');
}

function requirement({ key, operator, values }: LabelExpression): string {
  switch (operator) {
    case 'In':
      return `${key} in (${values.join(',')})`;
    case 'NotIn':
      return `${key} notin (${values.join(',')})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
  }
}

/** The field selector with which the API server evaluates `fieldSelectors`. */
export function fieldSelectorOf({ fieldSelectors }: Selector): string {
  return Object.entries(fieldSelectors)
    .map(([field, value]) => `${field}=${value.replace(/[\\,=]/g, '\\$&')}`)
    .join(',');
}

/** Pairs in the API server's selector syntax. */
export function equalities(pairs: { readonly [key: string]: string }): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/**
 * The parts of a selector that the API server does not evaluate.
 *
 * @param nodes names of the nodes that `nodes` and `nodeSelectors` choose; undefined when neither was written
 */
export function podMatches(selector: Selector, pod: Pod, nodes: ReadonlySet<string> | undefined): boolean {
  const annotations = pod.metadata.annotations ?? {};
  return (
    (nodes === undefined || nodes.has(pod.spec.nodeName ?? '')) &&
    phaseMatches(selector.podPhaseSelectors, pod.status?.phase ?? '') &&
    Object.entries(selector.annotationSelectors).every(
      ([key, value]) => Object.hasOwn(annotations, key) && annotations[key] === value,
    )
  );
}

/** Included phases are ORed; any excluded one excludes. */
function phaseMatches(selectors: readonly string[], phase: string): boolean {
  if (selectors.includes(`!${phase}`)) return false;
  const included = selectors.filter((selector) => !selector.startsWith('!'));
  return included.length === 0 || included.includes(phase);
}
