import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import * as tls from 'node:tls';
import { OrdealError } from '@ordeal/diagnostics';
import { KubeClient } from '../client.js';
import { namespaces } from '../core.js';
import { testKubeconfig } from '../testing/test-cluster.js';
import { Transport } from '../transport.js';
import { inClusterAccess } from './in-cluster.js';
import { kubeconfigAccess } from './kubeconfig.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-access-'));
after(() => rmSync(directory, { recursive: true }));

const config = JSON.parse(readFileSync(testKubeconfig(), 'utf8'));
const [{ cluster }] = config.clusters;
const { token } = config.users[0].user;
writeFileSync(join(directory, 'ca.crt'), Buffer.from(cluster['certificate-authority-data'], 'base64'));
writeFileSync(join(directory, 'token'), `${token}\n`);

/** A kubeconfig with another cluster or user entry than the test's own. */
function variant(name: string, change: { cluster?: object; user?: object }): string {
  const file = join(directory, name);
  const clusters = [{ name: 'test', cluster: change.cluster ?? cluster }];
  const users = [{ name: 'admin', user: change.user ?? { token } }];
  writeFileSync(file, JSON.stringify({ ...config, clusters, users }));
  return file;
}

async function canRead(access: Awaited<ReturnType<typeof kubeconfigAccess>>): Promise<boolean> {
  const client = new KubeClient(new Transport(access));
  try {
    return (await client.get(namespaces, { name: 'default' })).metadata.name === 'default';
  } finally {
    client.close();
  }
}

test('files beside the kubeconfig hold the certificate and the token', async () => {
  const files = [
    variant('files', {
      cluster: { server: cluster.server, 'certificate-authority': 'ca.crt' },
      user: { tokenFile: 'token' },
    }),
  ];
  assert.ok(await canRead(await kubeconfigAccess({ files })));
});

test('the first file that defines an entry wins', async () => {
  const first = join(directory, 'first');
  writeFileSync(first, JSON.stringify({ users: [{ name: 'admin', user: { token: 'of nobody' } }] }));
  const access = await kubeconfigAccess({ files: [first, testKubeconfig()] });
  await assert.rejects(canRead(access), /Unauthorized/);
});

test('kubectl logs in where a plugin has to be run', async () => {
  process.env.PATH = `${process.env.ORDEAL_TEST_KUBE_BINARIES}${delimiter}${process.env.PATH}`;
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token },
  };
  const exec = {
    apiVersion: credential.apiVersion,
    command: 'echo',
    args: [JSON.stringify(credential)],
    interactiveMode: 'Never',
  };
  assert.ok(await canRead(await kubeconfigAccess({ files: [variant('exec', { user: { exec } })] })));
});

test("a pod's service account", async () => {
  const { hostname, port } = new URL(cluster.server);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  assert.ok(await canRead(await inClusterAccess(environment, directory)));
  await assert.rejects(
    inClusterAccess({}),
    (error) => error instanceof OrdealError && error.code === 'ORD-803',
  );
});

test("a pod's certificate authority is read again", async (t) => {
  const { hostname, port } = new URL(cluster.server);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const mounted = mkdtempSync(join(directory, 'pod-'));
  writeFileSync(join(mounted, 'ca.crt'), tls.rootCertificates[0] ?? '');
  writeFileSync(join(mounted, 'token'), token);
  const client = new KubeClient(new Transport(await inClusterAccess(environment, mounted, 0)));
  t.after(() => client.close());
  await assert.rejects(client.get(namespaces, { name: 'default' }), { code: 'ORD-802' });
  writeFileSync(join(mounted, 'ca.crt'), readFileSync(join(directory, 'ca.crt')));
  assert.equal((await client.get(namespaces, { name: 'default' })).metadata.name, 'default');
});

test('errors in a kubeconfig are reported', async () => {
  const complaint = async (files: string[], context?: string) => {
    try {
      await kubeconfigAccess({ files, ...(context === undefined ? {} : { context }) });
      return undefined;
    } catch (error) {
      assert.ok(error instanceof OrdealError);
      return `${error.code} ${error.message.replaceAll(directory, 'DIR')}`;
    }
  };
  assert.match(`${await complaint([join(directory, 'none')])}`, /^ORD-803 DIR\/none cannot be read: ENOENT/);
  const file = variant('wrong', { cluster: { server: 'nowhere' } });
  assert.equal(await complaint([file]), "ORD-803 DIR/wrong: 'nowhere' is not the URL of a server");
  assert.equal(await complaint([file], 'prod'), "ORD-803 DIR/wrong: there is no context 'prod'");
});

test('a server that cannot be reached', async () => {
  const file = variant('away', { cluster: { ...cluster, server: 'https://127.0.0.1:1' } });
  await assert.rejects(canRead(await kubeconfigAccess({ files: [file] })), (error) => {
    return error instanceof OrdealError && error.code === 'ORD-802' && /ECONNREFUSED/.test(error.message);
  });
});
