import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kernelChaos } from '@ordeal/controller';
import { customResourceDefinitions, type KubeObject, type Resource } from '@ordeal/kube';
import { type OwnCluster, startOwnCluster, until } from '@ordeal/kube/testing';

const ordeal = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));
const CONTROLLER = fileURLToPath(new URL('../../../controller/bin/ordeal-controller.mjs', import.meta.url));
const deployments = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
const policies: Resource<KubeObject> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
};
const controller = { namespace: 'ordeal', name: 'ordeal-controller' };

let cluster: OwnCluster;
before(async () => {
  cluster = await startOwnCluster();
});
after(() => cluster.stop());

interface Ended {
  readonly code: number | string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
    execFile(process.execPath, [ordeal, ...args], { env, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? undefined) : 0, stdout, stderr });
    });
  });
}

async function names(resource: Resource): Promise<string[]> {
  const found: string[] = [];
  for await (const { metadata } of cluster.client.list(resource)) found.push(metadata.name);
  return found;
}

test('Ordeal is installed, changed and removed without Helm', async () => {
  const missing = await run('get');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^ordeal: Ordeal is not installed in this cluster: .* {2}\[ORD-805\]\n/);

  const dry = await run('install', '--dry-run');
  assert.equal(dry.code, 0);
  assert.deepEqual(await names(customResourceDefinitions), []);

  const { code, stdout, stderr } = await run('install');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^customresourcedefinition\/\S+ applied\n/);
  assert.match(stdout, /^deployment\/ordeal-controller applied$/m);
  assert.ok((await names(policies)).includes('ordeal-kernel-chaos'));
  assert.match((await run('get', '-A')).stdout, /^no experiments and no schedules$/m);
  const kubectl = join(process.env.ORDEAL_TEST_KUBE_BINARIES ?? '', 'kubectl');
  const words = [
    '--kubeconfig',
    cluster.kubeconfig,
    'diff',
    '--server-side',
    '--field-manager=ordeal',
    '-f',
    '-',
  ];
  execFileSync(kubectl, words, { input: dry.stdout });

  const turnedOn = await run(
    'install',
    '--set',
    'kernelChaos.enabled=true',
    '--set',
    'oldGroup.enabled=true',
    '--set',
    'controller.replicas=1',
  );
  assert.match(turnedOn.stdout, /^validatingadmissionpolicy\/ordeal-kernel-chaos removed$/m);
  assert.ok(!(await names(policies)).includes('ordeal-kernel-chaos'));
  assert.match(turnedOn.stdout, /^customresourcedefinition\/iochaos.pingcap.com applied$/m);
  const { spec } = (await cluster.client.get(deployments, controller)) as KubeObject & {
    spec: { replicas: number };
  };
  assert.equal(spec.replicas, 1);

  const experiment = { mode: 'all', selector: {}, failKernRequest: { failtype: 0 } };
  await until(cluster.client, policies, { name: 'ordeal-kernel-chaos' }, (object) => object === undefined);
  for (let made = false; !made; ) {
    // The server forgets a policy a moment after it is gone.
    made = await cluster.client
      .create(kernelChaos, { metadata: { namespace: 'default', name: 'slab' }, spec: experiment })
      .then(
        () => true,
        () => false,
      );
  }
  const refused = await run('uninstall');
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /there is still 1 experiment {2}\[ORD-809\]\n {2}kernelchaos\/slab in default\n/,
  );
  assert.ok(await cluster.client.find(deployments, controller));

  const removed = await run('uninstall', '--experiments', '--crds');
  assert.equal(removed.code, 0, removed.stderr);
  assert.match(removed.stderr, /waiting until the faults of 1 experiment are lifted/);
  assert.equal(await cluster.client.find(deployments, controller), undefined);
  assert.deepEqual(
    (await names(policies)).filter((name) => name.startsWith('ordeal')),
    [],
  );
  await until(
    cluster.client,
    customResourceDefinitions,
    { name: 'iochaos.chaos-mesh.org' },
    (crd) => crd === undefined,
  );
  await until(
    cluster.client,
    customResourceDefinitions,
    { name: 'iochaos.pingcap.com' },
    (crd) => crd === undefined,
  );
  const again = await run('uninstall');
  assert.match(again.stderr, /there is no installation 'ordeal' that ordeal install made {2}\[ORD-806\]/);
});

test('CRDs of another system are refused before anything is touched', async () => {
  const names = { kind: 'IOChaos', plural: 'iochaos', singular: 'iochaos' };
  const schema = { openAPIV3Schema: { type: 'object' } };
  const foreign = {
    metadata: { name: 'iochaos.chaos-mesh.org', labels: { 'app.kubernetes.io/part-of': 'chaos-mesh' } },
    spec: {
      group: 'chaos-mesh.org',
      scope: 'Namespaced',
      names,
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema }],
    },
  };
  await cluster.client.create(
    customResourceDefinitions,
    foreign as Parameters<typeof cluster.client.create>[1],
  );
  const { code, stderr } = await run('install');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /CustomResourceDefinitions of another system, such as Chaos Mesh {2}\[ORD-808\]\n {2}iochaos.chaos-mesh.org\n/,
  );
  assert.match(stderr, /helm uninstall chaos-mesh/);
  const controller = spawnSync(process.execPath, [CONTROLLER, '--kubeconfig', cluster.kubeconfig]);
  assert.equal(controller.status, 1);
  assert.match(String(controller.stderr), /"code":"ORD-808"/);
  assert.equal(
    await cluster.client.find(customResourceDefinitions, { name: 'kernelchaos.chaos-mesh.org' }),
    undefined,
  );
});

test('values that the chart does not have are refused', async () => {
  const { code, stderr } = await run('install', '--dry-run', '--set', 'kernelChoas.enabled=true');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^ordeal: the chart has no value kernelChoas {2}\[ORD-807\]\n {2}Did you mean kernelChaos\?\n/,
  );
});
