import type { LabelExpression, Selector } from '../kinds/selector.js';

/** The attributes of a running container that one host can know. */
export interface Candidate {
  /** The pod's namespace; undefined when the container belongs to no pod. */
  readonly namespace?: string | undefined;
  /** The pod's name, or the container's when it belongs to no pod. */
  readonly name?: string | undefined;
  readonly labels: { readonly [key: string]: string };
  /** Undefined when the container runtime does not report it. */
  readonly annotations?: { readonly [key: string]: string } | undefined;
}

/** Whether a candidate is chosen, and which parts could not be evaluated. */
export interface SelectorMatch {
  /** Every part that could be evaluated matches, and there was at least one. */
  readonly matches: boolean;
  /** The parts of the selector that were given and cannot be evaluated here, in the order of the document. */
  readonly unevaluated: readonly (keyof Selector)[];
}

/**
 * Matches a selector against a running container of this host, as `ordeal run` does without a cluster. Nodes cannot be
 * evaluated there, nor namespaces and pods for a container of no pod, nor fields other than the name and namespace.
 * Running containers count as pods in phase Running.
 */
export function selectorMatchesLabels(selector: Selector, candidate: Candidate): SelectorMatch {
  const unevaluated: (keyof Selector)[] = [];
  let known = 0;
  let matches = true;
  for (const part of givenParts(selector)) {
    const verdict = judge(part, selector, candidate);
    if (verdict === undefined) unevaluated.push(part);
    else {
      known++;
      matches &&= verdict;
    }
  }
  return { matches: matches && known > 0, unevaluated };
}

/** As in the cluster, `pods` overrides every other part. */
function givenParts(selector: Selector): (keyof Selector)[] {
  const parts = (Object.keys(selector) as (keyof Selector)[]).filter(
    (part) => Object.keys(selector[part]).length > 0,
  );
  return parts.includes('pods') ? ['pods'] : parts;
}

/** Whether one part holds; undefined when this host cannot tell. */
function judge(part: keyof Selector, selector: Selector, candidate: Candidate): boolean | undefined {
  const { namespace, name, labels, annotations } = candidate;
  switch (part) {
    case 'pods':
      if (namespace === undefined || name === undefined) return undefined;
      return Object.hasOwn(selector.pods, namespace) && (selector.pods[namespace]?.includes(name) ?? false);
    case 'namespaces':
      return namespace === undefined ? undefined : selector.namespaces.includes(namespace);
    case 'labelSelectors':
      return holds(selector.labelSelectors, labels);
    case 'expressionSelectors':
      return selector.expressionSelectors.every((expression) => obeys(expression, labels));
    case 'annotationSelectors':
      return annotations === undefined ? undefined : holds(selector.annotationSelectors, annotations);
    case 'fieldSelectors':
      return fieldsHold(selector.fieldSelectors, candidate);
    case 'podPhaseSelectors':
      return runningHolds(selector.podPhaseSelectors);
    case 'nodes':
    case 'nodeSelectors':
      return undefined;
  }
}

function holds(wanted: Selector['labelSelectors'], actual: Selector['labelSelectors']): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(actual, key) && actual[key] === value);
}

/** As for the API server, NotIn holds for a missing label. */
function obeys({ key, operator, values }: LabelExpression, labels: Candidate['labels']): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** False as soon as one known field differs; undefined when all known ones hold and others are required. */
function fieldsHold(wanted: Selector['fieldSelectors'], candidate: Candidate): boolean | undefined {
  const known: { readonly [field: string]: string | undefined } = {
    'metadata.name': candidate.namespace === undefined ? undefined : candidate.name,
    'metadata.namespace': candidate.namespace,
    'status.phase': 'Running',
  };
  const verdicts = Object.entries(wanted).map(([field, value]) =>
    known[field] === undefined ? undefined : known[field] === value,
  );
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}

/** Included phases are ORed; any excluded one excludes. */
function runningHolds(phases: readonly string[]): boolean {
  const included = phases.filter((phase) => !phase.startsWith('!'));
  return !phases.includes('!Running') && (included.length === 0 || included.includes('Running'));
}
