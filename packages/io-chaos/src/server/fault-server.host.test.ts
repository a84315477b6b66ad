import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FaultServer } from './fault-server.js';

async function withServer(body: (server: FaultServer) => Promise<void>): Promise<void> {
  const server = new FaultServer();
  server.listen({ log: (line) => assert.fail(line), halted: () => undefined, resumed: () => undefined });
  try {
    await server.started();
    await body(server);
  } finally {
    server.kill();
    await server.ended;
    server.close();
  }
}

test('several can ask the same of a server at once', () =>
  withServer(async (server) => {
    await Promise.all([1, 2, 3].map(() => server.ask({ kind: 'count' })));
  }));

test('nothing is left of a server that has ended, not even a zombie', async () => {
  let pids: number[] = [];
  await withServer(async (server) => {
    assert.ok(server.descriptorKeeper);
    pids = [server.pid, server.descriptorKeeper];
  });
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await setTimeout(10);
});

test('whoever asks a server that ends is told so', () =>
  withServer(async (server) => {
    process.kill(server.pid, 'SIGSTOP');
    const asked = [1, 2].map(() => server.ask({ kind: 'count' }));
    server.kill();
    for (const each of [...asked, server.ask({ kind: 'disable' })]) {
      await assert.rejects(each, { code: 'ORD-713', message: /does not answer: it has died$/ });
    }
  }));
