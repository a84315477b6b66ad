import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { refuseForeignDefinitions } from '@ordeal/chart';
import {
  ApiError,
  connect,
  type KubeClient,
  type KubeObject,
  nodes,
  pods,
  type Resource,
} from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { injections, ioChaos, kernelChaos, schedules } from './api/kinds.js';
import { runController } from './controller.js';
import { OLD_GROUP, oldResources } from './old-group/old-resources.js';
import { installCrds } from './testing/install-crds.js';
import { StandInAgent } from './testing/stand-in-agent.js';

const CHART = fileURLToPath(new URL('../../../charts/ordeal', import.meta.url));
const IO = { mode: 'all', selector: {}, action: 'latency', delay: '1ms', volumePath: '/data' };
const KERNEL = { mode: 'all', selector: {}, failKernRequest: { failtype: 0 } };

const directory = mkdtempSync(join(tmpdir(), 'ordeal-chart-'));
const clients: KubeClient[] = [];
let client: KubeClient;
/** Where the chart is installed, and what its policies hold. */
let namespace: string;
let other: string;
let release: string;

before(async () => {
  client = await testClient();
  clients.push(client);
  await installCrds(client);
  const label = { 'ordeal-test': String(process.pid) };
  namespace = await freshNamespace(client, label);
  other = await freshNamespace(client, label);
  release = `ordeal-${namespace}`;
  const values = join(directory, 'values.json');
  const policies = { namespaceSelector: { matchLabels: label } };
  writeFileSync(values, JSON.stringify({ policies, oldGroup: { enabled: true } }));
  const helm = process.env.ORDEAL_TEST_HELM ?? 'helm';
  const manifests = execFileSync(helm, [
    'template',
    release,
    CHART,
    '--namespace',
    namespace,
    '--values',
    values,
  ]);
  const kubectl = join(process.env.ORDEAL_TEST_KUBE_BINARIES ?? '', 'kubectl');
  execFileSync(kubectl, ['--kubeconfig', process.env.ORDEAL_TEST_KUBECONFIG ?? '', 'apply', '-f', '-'], {
    input: manifests,
  });
});
after(() => {
  for (const each of clients) each.close();
  rmSync(directory, { recursive: true });
});

/** Policies and roles take effect a moment after they were stored. */
async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    await delay(50);
  }
}

/** The reason of an object's refusal, as soon as there is one. */
function refusal<T extends KubeObject>(
  as: KubeClient,
  resource: Resource<T>,
  object: Parameters<typeof as.create<T>>[1],
) {
  return eventually(async () => {
    try {
      await as.create(resource, object);
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
    await client.delete(resource, object.metadata);
    return undefined;
  });
}

/** Creates an object as soon as it is allowed. */
function allowed<T extends KubeObject>(
  as: KubeClient,
  resource: Resource<T>,
  object: Parameters<typeof as.create<T>>[1],
) {
  return eventually(() =>
    as.create(resource, object).catch((error) => {
      if (error instanceof ApiError && error.status === 403) return undefined;
      throw error;
    }),
  );
}

/** A client with a token of a service account, bound to a pod when one is given. */
async function asServiceAccount(name: string, pod?: KubeObject): Promise<KubeClient> {
  const accounts = {
    group: '',
    version: 'v1',
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
  };
  const bound = pod && { kind: 'Pod', apiVersion: 'v1', name: pod.metadata.name, uid: pod.metadata.uid };
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { ...(bound ? { boundObjectRef: bound } : {}) },
  };
  const ref = { namespace, name };
  const { status } = await client.createSubresource<{ status: { token: string } }>(
    accounts,
    ref,
    'token',
    request,
  );
  const config = JSON.parse(readFileSync(process.env.ORDEAL_TEST_KUBECONFIG ?? '', 'utf8'));
  config.users[0].user = { token: status.token };
  const file = join(directory, `config-${name}-${pod?.metadata.name}`);
  writeFileSync(file, JSON.stringify(config));
  const made = await connect({ files: [file] });
  clients.push(made);
  return made;
}

/** A user who may create experiments in some namespaces. */
async function asUser(name: string, resources: string[], inNamespaces: string[]): Promise<KubeClient> {
  const rbac = (plural: string, kind: string): Resource => {
    return { group: 'rbac.authorization.k8s.io', version: 'v1', plural, kind, namespaced: true };
  };
  for (const each of inNamespaces) {
    const rules = [{ apiGroups: ['chaos-mesh.org', OLD_GROUP], resources, verbs: ['create', 'get'] }];
    const role: KubeObject & { rules: object } = {
      metadata: { namespace: each, name } as KubeObject['metadata'],
      rules,
    };
    await client.create(rbac('roles', 'Role'), role);
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
    const subjects = [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }];
    const metadata = { namespace: each, name } as KubeObject['metadata'];
    const binding: KubeObject & { roleRef: object } = { metadata, roleRef, ...{ subjects } };
    await client.create(rbac('rolebindings', 'RoleBinding'), binding);
  }
  const made = await testClient({ impersonate: name });
  clients.push(made);
  return made;
}

test('KernelChaos is refused if the chart does not enable it', async () => {
  const metadata = { namespace, name: 'kernel' };
  assert.match(
    await refusal(client, kernelChaos, { metadata, spec: KERNEL }),
    /KernelChaos is turned off in this cluster/,
  );
  assert.match(
    await refusal(client, oldResources.KernelChaos, { metadata, spec: KERNEL }),
    /KernelChaos is turned off in this cluster/,
  );
  const spec = { schedule: '@every 1h', type: 'KernelChaos', kernelChaos: KERNEL };
  assert.match(
    await refusal(client, schedules, { metadata, spec }),
    /KernelChaos is turned off in this cluster/,
  );
  const harmless = { schedule: '@every 1h', type: 'IOChaos', ioChaos: IO };
  await client.create(schedules, { metadata, spec: harmless });
});

test('a user without rights in a namespace does not reach it with a selector', async () => {
  const user = await asUser(`one-${namespace}`, ['iochaos', 'schedules'], [namespace]);
  await allowed(user, ioChaos, { metadata: { namespace, name: 'own' }, spec: IO });
  const reaching = (selector: object) => ({
    metadata: { namespace, name: 'reaching' },
    spec: { ...IO, selector },
  });
  const names = await refusal(user, ioChaos, reaching({ namespaces: [namespace, other] }));
  assert.match(names, /selector.namespaces names a namespace in which you may not/);
  const byPod = await refusal(user, ioChaos, reaching({ pods: { [other]: ['a'] } }));
  assert.match(byPod, /selector.pods names a namespace in which you may not/);
  const before2020 = await refusal(user, oldResources.IOChaos, reaching({ namespaces: [other] }));
  assert.match(before2020, /selector.namespaces names a namespace in which you may not/);
  const schedule = {
    schedule: '@every 1h',
    type: 'IOChaos',
    ioChaos: { ...IO, selector: { namespaces: [other] } },
  };
  const later = await refusal(user, schedules, { metadata: { namespace, name: 'later' }, spec: schedule });
  assert.match(later, /selector.namespaces names a namespace in which you may not/);
  const both = await asUser(`both-${namespace}`, ['iochaos'], [namespace, other]);
  await allowed(both, ioChaos, reaching({ namespaces: [namespace, other], pods: { [other]: ['a'] } }));
});

test('a schedule does not create what its owner may not create', async () => {
  const user = await asUser(`scheduler-${namespace}`, ['schedules'], [namespace]);
  const spec = { schedule: '@every 1h', type: 'IOChaos', ioChaos: IO };
  const why = () => refusal(user, schedules, { metadata: { namespace, name: 'by-proxy' }, spec });
  const message = await eventually(async () => {
    const text = await why();
    return text.includes('cannot create resource') ? undefined : text;
  });
  assert.match(message, /you may not make experiments of this type in this namespace/);
});

test('an agent changes the injections of its own node, and no others', async () => {
  const onNode = async (name: string) => {
    const nodeName = `${name}-${namespace}`;
    await client.create(nodes, { metadata: { name: nodeName } });
    await client.create(injections, {
      metadata: { namespace, name },
      spec: {
        experiment: { kind: 'IOChaos', name: 'e', uid: 'u' },
        nodeName,
        pod: { namespace, name: 'p', uid: 'v' },
        containerNames: ['c'],
        ioChaos: { action: 'latency', volumePath: '/data' },
      },
    });
    return nodeName;
  };
  const here = await onNode('here');
  await onNode('there');
  const account = `${release}-agent`;
  const containers = [{ name: 'agent', image: 'none' }];
  const spec = { nodeName: here, serviceAccountName: account, containers };
  const pod = await client.create(pods, { metadata: { namespace, name: 'agent' }, spec });
  const agent = await asServiceAccount(account, pod);
  const say = (as: KubeClient, name: string, phase: 'Injected' | 'Not Injected') =>
    as.patch(injections, { namespace, name }, { status: { phase } }, { subresource: 'status' });
  await eventually(() => say(agent, 'here', 'Injected').catch(() => undefined));
  const refused = (promise: Promise<unknown>) =>
    assert.rejects(promise, /an agent may only change the injections of its own node/);
  await eventually(async () => {
    const error = await say(agent, 'there', 'Injected').catch((reason) => reason);
    return error instanceof ApiError && error.message.includes('own node') ? true : undefined;
  });
  await refused(say(agent, 'there', 'Not Injected'));
  await refused(agent.patch(injections, { namespace, name: 'there' }, { metadata: { finalizers: [] } }));
  await refused(say(await asServiceAccount(account), 'here', 'Not Injected'));
  await say(client, 'there', 'Not Injected');
});

test('the chart gives the controller all rights that it needs', async (t) => {
  const controller = await asServiceAccount(`${release}-controller`);
  const node = `work-${namespace}`;
  await client.create(nodes, { metadata: { name: node } });
  const containers = [{ name: 'main', image: 'none' }];
  await client.create(pods, {
    metadata: { namespace: other, name: 'pod' },
    spec: { nodeName: node, containers },
  });
  await eventually(() => controller.find(nodes, { name: node }).catch(() => undefined));
  const errors: string[] = [];
  const stop = new AbortController();
  const options = {
    scope: { namespace: other },
    oldGroup: true,
    onError: (what: string, error: unknown) => errors.push(`${what}: ${error}`),
  };
  const ended = runController(controller, options, stop.signal);
  const agent = new StandInAgent(client, other);
  t.after(async () => {
    stop.abort();
    await ended;
    await agent.close();
  });
  const ref = { namespace: other, name: 'often' };
  const spec = { schedule: '@every 1s', type: 'IOChaos', ioChaos: { ...IO, duration: '1s' } };
  await client.create(schedules, { metadata: ref, spec });
  const single = { namespace: other, name: 'single' };
  await client.create(ioChaos, { metadata: single, spec: { ...IO, duration: '1h' } });
  await until(client, ioChaos, single, (object) => object?.status?.phase === 'Running');
  await client.patch(ioChaos, single, { spec: { duration: '2h' } });
  await client.delete(ioChaos, single);
  await until(client, ioChaos, single, (object) => object === undefined);
  await until(client, schedules, ref, (object) => object?.status?.time !== undefined);
  const repeated = { namespace: other, name: 'repeated' };
  const scheduler = { cron: '@every 1h' };
  await client.create(ioChaos, { metadata: repeated, spec: { ...IO, duration: '1s', scheduler } });
  await until(client, ioChaos, repeated, (object) => object?.status?.phase === 'Scheduled');
  await client.delete(ioChaos, repeated);
  await until(client, ioChaos, repeated, (object) => object === undefined);
  const earlier = { namespace: other, name: 'earlier' };
  await client.create(oldResources.IOChaos, { metadata: earlier, spec: { ...IO, duration: '1h' } });
  await until(client, oldResources.IOChaos, earlier, (object) => object?.status?.phase === 'Running');
  await client.delete(oldResources.IOChaos, earlier);
  await until(client, ioChaos, earlier, (object) => object === undefined);
  await refuseForeignDefinitions(controller, ['iochaos.chaos-mesh.org']);
  assert.deepEqual(
    errors.filter((text) => /forbidden/i.test(text)),
    [],
  );
});
