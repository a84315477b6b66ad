import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type KubeClient, leases, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { ioChaos } from './api/kinds.js';
import { installCrds } from './testing/install-crds.js';
import { StandInAgent } from './testing/stand-in-agent.js';

const PROGRAM = fileURLToPath(new URL('../bin/ordeal-controller.mjs', import.meta.url));

let client: KubeClient;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * Resolves once the program has logged a message. Its output is read to the end: it must not write to a closed pipe.
 */
function logged(program: ChildProcess, message: string): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    program.stderr?.on('data', (chunk) => {
      text += chunk;
      if (text.includes(`"message":"${message}"`)) resolve();
    });
    program.once('close', () => reject(new Error(`it ended without '${message}':\n${text}`)));
  });
}

test('of two controllers one leads, and the other continues when it is killed', async (t) => {
  const namespace = await freshNamespace(client);
  const node = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: node } });
  const spec = { nodeName: node, containers: [{ name: 'main', image: 'none' }] };
  await client.create(pods, { metadata: { namespace, name: 'pod' }, spec });
  const args = ['--kubeconfig', process.env.ORDEAL_TEST_KUBECONFIG ?? '', '--namespace', namespace];
  args.push('--lease-namespace', namespace, '--lease-seconds', '2');
  const agent = new StandInAgent(client, namespace);
  const first = start(args);
  t.after(async () => {
    first.kill('SIGKILL');
    await agent.close();
  });
  await logged(first, 'leading');
  const second = start(args);
  t.after(() => second.kill('SIGKILL'));
  const experiment = (name: string) => ({
    metadata: { namespace, name },
    spec: { mode: 'all', selector: {}, action: 'latency', delay: '1ms', volumePath: '/data' },
  });
  const injected = (name: string) =>
    until(client, ioChaos, { namespace, name }, (object) => object?.status?.phase === 'Running');
  await client.create(ioChaos, experiment('before'));
  await injected('before');
  first.kill('SIGKILL');
  await client.create(ioChaos, experiment('after'));
  await injected('after');
  const before = await injected('before');
  assert.equal(before?.status?.experiment?.containerRecords?.[0]?.injectedCount, 1);
  const ended = once(second, 'exit');
  second.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  const lease = await client.get(leases, { namespace, name: 'ordeal-controller' });
  assert.equal(lease.spec.holderIdentity ?? '', '');
});

test('metrics are served if a port is given', async (t) => {
  const namespace = await freshNamespace(client);
  const port = await freePort();
  const args = ['--kubeconfig', process.env.ORDEAL_TEST_KUBECONFIG ?? '', '--namespace', namespace];
  const program = start([...args, '--lease-namespace', namespace, '--metrics-port', String(port)]);
  t.after(() => program.kill('SIGKILL'));
  await logged(program, 'leading');
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.match(text, /^ordeal_controller_leader 1$/m);
  assert.match(text, /^# TYPE ordeal_experiments gauge$/m);
  const ended = once(program, 'exit');
  program.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('errors in the command line are reported', async () => {
  const program = start(['--lease-seconds', 'soon']);
  let text = '';
  program.stderr?.on('data', (chunk) => (text += chunk));
  assert.deepEqual(await once(program, 'close'), [2, null]);
  assert.match(text, /^--lease-seconds: 'soon' is not a whole number of at least 1\nusage: /);
});
