import { setTimeout as delay } from 'node:timers/promises';
import { manifestsOf } from '@ordeal/chart';
import { ApiError, type Draft, type KubeClient, type KubeObject, type Resource } from '@ordeal/kube';
import { freshNamespace, testClient } from '@ordeal/kube/testing';
import { ioChaos } from '../api/kinds.js';

/** A namespace under the chart's admission policies, and a user who may make experiments there and nowhere else. */
export interface RestrictedUser {
  readonly namespace: string;
  /** As that user. The caller closes it. */
  readonly client: KubeClient;
}

const POLICIES = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false };
const POLICY_KINDS: readonly Resource[] = [
  { ...POLICIES, plural: 'validatingadmissionpolicies', kind: 'ValidatingAdmissionPolicy' },
  { ...POLICIES, plural: 'validatingadmissionpolicybindings', kind: 'ValidatingAdmissionPolicyBinding' },
];
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: true };
const APPLY = { fieldManager: 'ordeal-tests', force: true };

/** Returns once the policies and the user's rights are in effect. */
export async function restrictedUser(admin: KubeClient): Promise<RestrictedUser> {
  const label = { 'ordeal-restricted': String(process.pid) };
  const namespace = await freshNamespace(admin, label);
  const values = {
    kernelChaos: { enabled: true },
    policies: { namespaceSelector: { matchLabels: label } },
  };
  const manifests = manifestsOf({ name: `ordeal-${namespace}`, namespace, values });
  for (const resource of POLICY_KINDS) {
    for (const manifest of manifests.filter(({ kind }) => kind === resource.kind)) {
      await admin.apply(resource, manifest as Draft<KubeObject>, APPLY);
    }
  }
  const metadata = { namespace, name: `user-of-${namespace}` };
  const rules = [{ apiGroups: ['chaos-mesh.org'], resources: ['*'], verbs: ['create', 'delete'] }];
  const role = { apiGroup: RBAC.group, kind: 'Role', name: metadata.name };
  const subjects = [{ kind: 'User', name: metadata.name, apiGroup: RBAC.group }];
  const objects = [
    [
      { ...RBAC, plural: 'roles', kind: 'Role' },
      { metadata, rules },
    ],
    [
      { ...RBAC, plural: 'rolebindings', kind: 'RoleBinding' },
      { metadata, roleRef: role, subjects },
    ],
  ] as const;
  for (const [resource, object] of objects) await admin.create<KubeObject>(resource, object);
  const client = await testClient({ impersonate: metadata.name });
  await untilRefused(client, namespace);
  return { namespace, client };
}

/** Policies and roles take effect a moment after they were stored. */
async function untilRefused(client: KubeClient, namespace: string): Promise<void> {
  const metadata = { namespace, name: 'elsewhere' };
  const spec = { mode: 'all', selector: { namespaces: ['elsewhere'] }, action: 'fault', errno: 5 };
  for (;;) {
    try {
      await client.create(ioChaos, { metadata, spec: { ...spec, volumePath: '/data' } });
      await client.delete(ioChaos, metadata);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.message.includes('selector.namespaces')) return;
    }
    await delay(50);
  }
}
