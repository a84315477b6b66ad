import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from '../connect.js';
import { namespaces } from '../core.js';
import { kubeconfigAccess } from './kubeconfig.js';
import { kubeconfigTextAccess } from './kubeconfig-text.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-kubeconfig-'));
after(() => rmSync(directory, { recursive: true }));

function kubeconfig(text: string): string {
  const file = join(directory, 'config');
  writeFileSync(file, text);
  return file;
}

const whole = (server: string) => `
clusters: [{name: c, cluster: {server: '${server}'}}]
users: [{name: u, user: null}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
`;

test('an invalid kubeconfig is refused with a reason', async () => {
  const cases: [string, RegExp][] = [
    ['just text', /it is not a map/],
    ['contexts: {}', /contexts is not a list/],
    ['clusters: [{name: c}]', /clusters\[0\] has no cluster/],
    ['contexts: [x]', /contexts\[0\] has no context/],
    ['users: [{name: u, user: [1]}]', /users\[0\] has no user/],
    ['clusters: [', /cannot be read/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(kubeconfigAccess({ files: [kubeconfig(text)] }), { code: 'ORD-803', message }, text);
  }
});

test('a user without credentials is valid', async () => {
  const access = await kubeconfigAccess({ files: [kubeconfig(whole('http://127.0.0.1:1'))] });
  assert.equal(await access.authorization?.(), undefined);
  access.close();
});

test('an answer that is not JSON is an error with a reason', async () => {
  const server = createServer((_request, response) => response.end('<html>please log in</html>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await connect({ files: [kubeconfig(whole(`http://127.0.0.1:${port}`))] });
  try {
    await assert.rejects(client.get(namespaces, { name: 'default' }), {
      code: 'ORD-802',
      message: /GET \/api\/v1\/namespaces\/default: the answer is not JSON: <html>please log in/,
    });
  } finally {
    client.close();
    server.close();
  }
});

test('files of KUBECONFIG that do not exist are left out, and the namespace of the context is known', async (t) => {
  const before = process.env.KUBECONFIG;
  t.after(() => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
  });
  const missing = join(directory, 'missing');
  const file = kubeconfig(whole('http://127.0.0.1:1').replace('user: u}', 'user: u, namespace: shop}'));
  process.env.KUBECONFIG = [missing, file].join(delimiter);
  assert.equal((await kubeconfigAccess()).namespace, 'shop');
  process.env.KUBECONFIG = missing;
  await assert.rejects(kubeconfigAccess(), {
    code: 'ORD-803',
    message: `there is no kubeconfig: ${missing} does not exist`,
  });
});

test('an untrusted kubeconfig runs no program and reads no file', async () => {
  const config = (cluster: object, user: object) =>
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://a', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    });
  const access = await kubeconfigTextAccess(config({}, { token: 't' }), 'the secret');
  assert.equal(await access.authorization(), 'Bearer t');
  const refused = (cluster: object, user: object, field: string) =>
    assert.rejects(kubeconfigTextAccess(config(cluster, user), 'the secret'), {
      code: 'ORD-803',
      message: new RegExp(`^the secret: (cluster|user) has '${field}'`),
    });
  await refused({}, { exec: { command: 'id' } }, 'exec');
  await refused({}, { tokenFile: '/etc/shadow' }, 'tokenFile');
  await refused({ 'certificate-authority': '/etc/ssl' }, {}, 'certificate-authority');
  await refused({ 'proxy-url': 'http://b' }, {}, 'proxy-url');
  await assert.rejects(kubeconfigTextAccess('- x', 'the secret'), { code: 'ORD-803' });
});
