import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { injections, ioChaos } from '@ordeal/controller';
import { installCrds } from '@ordeal/controller/testing';
import { type KubeClient, nodes, type Pod, pods } from '@ordeal/kube';
import { freshNamespace, testClient, until } from '@ordeal/kube/testing';
import { PodContainer } from './testing/pod-container.js';

const programs = {
  agent: fileURLToPath(new URL('../bin/ordeal-agent.mjs', import.meta.url)),
  controller: fileURLToPath(new URL('../../controller/bin/ordeal-controller.mjs', import.meta.url)),
};

let client: KubeClient;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

function start(program: keyof typeof programs, args: readonly string[]): ChildProcess {
  const kubeconfig = process.env.ORDEAL_TEST_KUBECONFIG ?? '';
  const words = [programs[program], '--kubeconfig', kubeconfig, ...args];
  return spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function end(program: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (program.exitCode === null && program.signalCode === null) {
    program.kill(signal);
    await once(program, 'exit');
  }
  return program.exitCode;
}

test('an experiment affects the program in the pod, survives a killed agent, and ends when it is deleted', async (t) => {
  const namespace = await freshNamespace(client);
  const node = `node-of-${namespace}`;
  const journal = mkdtempSync(join(tmpdir(), 'ordeal-agent-main-'));
  await client.create(nodes, { metadata: { name: node } });
  const created: Pod = await client.create(pods, {
    metadata: { namespace, name: 'writer' },
    spec: { nodeName: node, containers: [{ name: 'app', image: 'none' }] },
  });
  const writer = new PodContainer({ namespace, name: 'writer', uid: created.metadata.uid });
  writer.start();
  const agentArgs = ['--node', node, '--journal', journal];
  let agent = start('agent', agentArgs);
  const controller = start('controller', ['--namespace', namespace, '--lease-namespace', namespace]);
  t.after(async () => {
    await end(controller, 'SIGKILL');
    await end(agent, 'SIGTERM');
    writer.close();
    rmSync(journal, { recursive: true });
  });

  const ref = { namespace, name: 'bad-writes' };
  const spec = {
    mode: 'all',
    selector: {},
    action: 'fault',
    errno: 5,
    methods: ['write'],
    volumePath: '/data',
  };
  await client.create(ioChaos, { metadata: ref, spec });
  await until(client, ioChaos, ref, (object) =>
    object?.status?.conditions?.some(({ type, status }) => type === 'AllInjected' && status === 'True'),
  );
  await writer.notes('failed');

  await end(agent, 'SIGKILL');
  await writer.notes('written', 3);
  agent = start('agent', agentArgs);
  await writer.notes('failed');

  await client.delete(ioChaos, ref);
  await until(client, ioChaos, ref, (object) => object === undefined);
  assert.equal(writer.covered, false);
  await writer.notes('written', 3);
  const left = [];
  for await (const each of client.list(injections, { namespace })) left.push(each);
  assert.deepEqual(left, []);
  assert.equal(await end(agent, 'SIGTERM'), 0);
});
