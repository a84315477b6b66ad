import { OrdealError } from '@ordeal/diagnostics';
import { apiVersionOf, customResourceDefinitions, namespaces, type Resource } from '@ordeal/kube';
import type { Manifest } from './render-chart.js';

const RBAC = 'rbac.authorization.k8s.io';
const POLICIES = 'admissionregistration.k8s.io';

export const deployments = resource('apps', 'deployments', 'Deployment', true);

/**
 * Every kind that the chart may have, in the order of creation: referenced objects come first, and a policy exists
 * before the programs that it applies to.
 */
export const chartResources: readonly Resource[] = [
  customResourceDefinitions,
  namespaces,
  resource('', 'serviceaccounts', 'ServiceAccount', true),
  resource(RBAC, 'clusterroles', 'ClusterRole', false),
  resource(RBAC, 'roles', 'Role', true),
  resource(RBAC, 'clusterrolebindings', 'ClusterRoleBinding', false),
  resource(RBAC, 'rolebindings', 'RoleBinding', true),
  resource(POLICIES, 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', false),
  resource(POLICIES, 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', false),
  resource('', 'configmaps', 'ConfigMap', true),
  resource('', 'services', 'Service', true),
  resource('policy', 'poddisruptionbudgets', 'PodDisruptionBudget', true),
  deployments,
  resource('apps', 'daemonsets', 'DaemonSet', true),
];

function resource(group: string, plural: string, kind: string, namespaced: boolean): Resource {
  return { group, version: 'v1', plural, kind, namespaced };
}

/** The resource of an object of the chart. @throws OrdealError ORD-807 if `chartResources` does not have its kind */
export function resourceOf({ apiVersion, kind, metadata }: Manifest): Resource {
  const found = chartResources.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
  if (found !== undefined) return found;
  throw new OrdealError('ORD-807', `${kind} ${metadata.name}: objects of ${apiVersion} are not installed`);
}
