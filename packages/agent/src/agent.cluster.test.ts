import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AGENT_FINALIZER, type Injection, injections } from '@ordeal/controller';
import { installCrds } from '@ordeal/controller/testing';
import { OrdealError } from '@ordeal/diagnostics';
import type { KubeClient } from '@ordeal/kube';
import { freshNamespace, startRelay, testClient, until } from '@ordeal/kube/testing';
import { Supervisor } from '@ordeal/supervisor';
import { Agent, type AgentOptions } from './agent.js';
import { PodContainer } from './testing/pod-container.js';

let client: KubeClient;
let nodes = 0;
before(async () => {
  client = await testClient();
  await installCrds(client);
});
after(() => client.close());

/** A node: a container on it, and an agent with a supervisor, which can be killed and restarted. */
class Node {
  readonly name = `node-${process.pid}-${nodes++}`;
  readonly writer = new PodContainer();
  readonly #runDirectory = mkdtempSync(join(tmpdir(), 'ordeal-agent-'));
  readonly errors: unknown[] = [];
  #supervisor: Supervisor | undefined;
  #agent: Agent | undefined;

  async start(options: Partial<AgentOptions> = {}): Promise<void> {
    this.#supervisor = await Supervisor.open(this.#runDirectory);
    this.#agent = new Agent({
      client,
      supervisor: this.#supervisor,
      nodeName: this.name,
      onError: (error) => this.errors.push(error),
      reportMs: 100,
      ...options,
    });
    if (options.client === undefined) await this.#agent.synced;
  }

  async stop(): Promise<void> {
    await this.#agent?.close();
    await this.#supervisor?.close();
  }

  async close(): Promise<void> {
    await this.stop();
    this.writer.close();
    rmSync(this.#runDirectory, { recursive: true });
  }

  inject(namespace: string, spec: Partial<Injection['spec']> = {}): Promise<Injection> {
    const { pod, container } = this.writer;
    return client.create(injections, {
      metadata: { namespace, name: 'bad-writes', finalizers: [AGENT_FINALIZER] },
      spec: {
        experiment: { kind: 'IOChaos', name: 'bad-writes', uid: 'e1' },
        nodeName: this.name,
        pod,
        containerNames: [container],
        ioChaos: { action: 'fault', errno: 5, methods: ['write'], volumePath: '/data' },
        ...spec,
      },
    });
  }
}

async function onNode(body: (node: Node, namespace: string) => Promise<void>): Promise<void> {
  const node = new Node();
  try {
    node.writer.start();
    await body(node, await freshNamespace(client));
  } finally {
    await node.close();
  }
}

const isNotTakenBack = (error: unknown) => error instanceof OrdealError && error.code === 'ORD-804';
const ref = (namespace: string) => ({ namespace, name: 'bad-writes' });
const phaseBecomes = (namespace: string, phase: string, reason?: string) =>
  until(
    client,
    injections,
    ref(namespace),
    (each) => each?.status?.phase === phase && each.status.reason === reason,
  );

test('an Injection is injected, counted, and lifted before it is deleted', () =>
  onNode(async (node, namespace) => {
    await node.start();
    await node.inject(namespace);
    await phaseBecomes(namespace, 'Injected');
    await node.writer.notes('failed');
    await until(client, injections, ref(namespace), (each) => (each?.status?.faults ?? 0) > 0);
    await client.delete(injections, ref(namespace));
    await until(client, injections, ref(namespace), (each) => each === undefined);
    assert.equal(node.writer.covered, false);
    await node.writer.notes('written', 3);
    assert.deepEqual(node.errors.filter(isNotTakenBack), []);
  }));

test('a restarted container gets its faults again', () =>
  onNode(async (node, namespace) => {
    await node.start();
    await node.inject(namespace);
    await node.writer.notes('failed');
    node.writer.kill();
    await phaseBecomes(namespace, 'Not Injected', 'ContainerNotRunning');
    node.writer.start();
    await node.writer.notes('failed');
    const { status } = (await phaseBecomes(namespace, 'Injected')) ?? {};
    assert.equal(status?.containers?.[0]?.restarts, 1);
  }));

test('an impossible Injection is reported with its reason, and can be deleted', () =>
  onNode(async (node, namespace) => {
    await node.start();
    await node.inject(namespace, { ioChaos: { action: 'fault', errno: 5, volumePath: '/nowhere' } });
    const { status } = (await phaseBecomes(namespace, 'Not Injected', 'Refused')) ?? {};
    assert.match(status?.message ?? '', /\/nowhere.*\[ORD-\d+\]$/s);
    await client.delete(injections, ref(namespace));
    await until(client, injections, ref(namespace), (each) => each === undefined);
  }));

test('the deadline ends the faults and does not begin them again', () =>
  onNode(async (node, namespace) => {
    await node.start();
    await node.inject(namespace, { deadline: new Date(Date.now() + 3000).toISOString() });
    await phaseBecomes(namespace, 'Not Injected', 'DeadlineReached');
    await node.writer.becomesBare();
  }));

test('the next agent continues, and lifts what was deleted in between', () =>
  onNode(async (node, namespace) => {
    await node.start();
    const other = await freshNamespace(client);
    await node.inject(namespace);
    await node.writer.notes('failed');
    await node.stop();
    await node.writer.notes('written', 3);
    await client.delete(injections, ref(namespace));
    await node.inject(other, {
      ioChaos: { action: 'fault', errno: 5, methods: ['fsync'], volumePath: '/data' },
    });
    await node.start();
    await until(client, injections, ref(namespace), (each) => each === undefined);
    await phaseBecomes(other, 'Injected');
    await node.writer.notes('written', 3);
  }));

test('a node that is cut off from the API server lifts its faults, and arms them again when it is back', () =>
  onNode(async (node, namespace) => {
    const relay = await startRelay();
    try {
      await node.start({ client: relay.client, leaseMs: 1000 });
      await node.inject(namespace);
      await node.writer.notes('failed');
      relay.stall();
      // The faults end first, then the mount is removed.
      await node.writer.becomesBare();
      relay.goOn();
      await node.writer.notes('failed');
      await phaseBecomes(namespace, 'Injected');
      await node.stop();
    } finally {
      relay.close();
    }
  }));
