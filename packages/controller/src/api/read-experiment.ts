import { OrdealError, renderObjectProblem } from '@ordeal/diagnostics';
import { type Experiment, parseDocuments } from '@ordeal/experiment';
import type { KubeObject } from '@ordeal/kube';

/** The parsed object of the API, or why it cannot be carried out. */
export type Reading =
  | { readonly ok: true; readonly experiment: Experiment }
  | { readonly ok: false; readonly message: string };

/** Parses an object with the same rules and messages as `ordeal validate` does a file. */
export function readExperiment(object: KubeObject & { readonly spec: object }): Reading {
  const { apiVersion, kind, spec } = object;
  const { name, namespace } = object.metadata;
  const document = JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec }, undefined, 2);
  const { experiments, problems } = parseDocuments(document, `${kind} ${namespace}/${name}`);
  const [experiment] = experiments;
  if (experiment !== undefined) return { ok: true, experiment };
  const errors = problems
    .filter(({ severity }) => severity === 'error')
    .map((problem) => renderObjectProblem(problem, document));
  if (errors.length === 0) throw new OrdealError('ORD-999', `${kind} ${namespace}/${name} was not read`);
  return { ok: false, message: errors.join('; ') };
}
