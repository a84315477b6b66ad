import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { injections, ioChaos, runController, schedules } from '@ordeal/controller';
import { installCrds, StandInAgent } from '@ordeal/controller/testing';
import { type KubeClient, nodes, pods } from '@ordeal/kube';
import { freshNamespace, testClient, testKubeconfig, until } from '@ordeal/kube/testing';
import { assertAccessible, assertFits, TestBrowser } from '../testing/ordeal-page.js';

const ordeal = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));
const IO = { mode: 'all', selector: {}, action: 'latency', delay: '10ms', volumePath: '/data' };

const directory = mkdtempSync(join(tmpdir(), 'ordeal-look-'));
const stop = new AbortController();
let client: KubeClient;
let namespace: string;
let agent: StandInAgent;
let ended: Promise<void>;

before(async () => {
  client = await testClient();
  await installCrds(client);
  namespace = await freshNamespace(client);
  const nodeName = `node-of-${namespace}`;
  await client.create(nodes, { metadata: { name: nodeName } });
  const containers = [{ name: 'main', image: 'none' }];
  for (const name of ['web-0', 'web-1']) {
    await client.create(pods, { metadata: { namespace, name }, spec: { nodeName, containers } });
  }
  ended = runController(client, { scope: { namespace }, onError: () => {} }, stop.signal);
  agent = new StandInAgent(client, namespace, ({ spec }) =>
    spec.pod.name === 'web-1' && spec.ioChaos?.volumePath === '/none'
      ? { reason: 'Refused', message: 'there is no /none in container main [ORD-702]' }
      : 'inject',
  );
});
after(async () => {
  stop.abort();
  await ended;
  await agent.close();
  client.close();
  rmSync(directory, { recursive: true });
});

interface Ended {
  readonly code: number | string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program as a user with a kubeconfig does. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const environment = { ...process.env, KUBECONFIG: testKubeconfig(), ...env };
    execFile(process.execPath, [ordeal, ...args], { env: environment }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? undefined) : 0, stdout, stderr });
    });
  });
}

async function make(name: string, spec: object, phase: string): Promise<void> {
  await client.create(ioChaos, { metadata: { namespace, name }, spec: { ...IO, ...spec } });
  await until(client, ioChaos, { namespace, name }, (object) => object?.status?.phase === phase);
}

test('get tells what works, and of what does not which pod and why', async () => {
  await make('slow', { duration: '1h' }, 'Running');
  await make('bad', { volumePath: '/none' }, 'Injecting');
  await until(client, ioChaos, { namespace, name: 'bad' }, (object) =>
    Boolean(object?.status?.message?.includes('/none')),
  );
  let name = '';
  for await (const { metadata, spec } of client.list(injections, { namespace })) {
    if (spec.experiment.name === 'slow') name = metadata.name;
  }
  const counted = { status: { faults: 1204, counters: { 'read.fired': 1204 } } };
  await client.patch(injections, { namespace, name }, counted, { subresource: 'status' });
  await until(client, ioChaos, { namespace, name: 'slow' }, (object) => object?.status?.faults === 1204);
  const spec = { schedule: '@every 24h', type: 'IOChaos', ioChaos: IO };
  await client.create(schedules, { metadata: { namespace, name: 'daily' }, spec });

  const { stdout, code } = await run(['get', '-n', namespace]);
  assert.equal(code, 0);
  assert.match(stdout, /^NAME +FAULT +PHASE +TARGETS +FAULTS +LEFT +AGE$/m);
  assert.match(stdout, /^iochaos\/slow +latency 10ms +Running +2\/2 +1 204 +(1 h|59 min.*) +\d/m);
  const bad =
    /^iochaos\/bad +latency 10ms +Injecting +1\/2 +0 +- .*\n {2}web-1 +node-\S+ +- +main: Not Injected: there is no \/none in container main \[ORD-702\]$/m;
  assert.match(stdout, bad);
  assert.match(stdout, /^schedule\/daily +@every 24h +IOChaos /m);

  const all = await run(['get', 'iochaos', 'slow', '-A', '--pods']);
  assert.match(all.stdout, new RegExp(`^${namespace} +iochaos/slow .*$`, 'm'));
  assert.match(all.stdout, /web-\d +node-\S+ +1 204 faults +main: Injected$/m);

  const { experiments } = JSON.parse((await run(['get', 'iochaos/slow', '-n', namespace, '--json'])).stdout);
  assert.deepEqual([experiments[0].phase, experiments[0].pods.length], ['Running', 2]);

  const described = (await run(['describe', 'iochaos/slow', '-n', namespace])).stdout;
  assert.match(described, /^iochaos\/slow {3}latency 10ms {3}namespace /);
  assert.match(described, /^ {2}AllInjected +True +Injected /m);
  assert.match(described, /^ {2}read.fired {3}1 204$/m);

  const told = (await run(['logs', 'iochaos/bad', '-n', namespace])).stdout;
  assert.match(told, /^\S+ \S+ {2}created\n/);
  assert.match(told, /web-1\/main {2}not injected: there is no \/none/);
  assert.match(told, /web-0\/main {2}injected\n/);
});

test('watch and logs --follow tell what happens until the experiment is gone', async () => {
  await make('watched', {}, 'Running');
  const env = { ...process.env, KUBECONFIG: testKubeconfig() };
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [ordeal, ...args, '-n', namespace], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    const spoke = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        text += chunk;
        resolve();
      });
    });
    return { spoke, ended: once(child, 'close').then(([code]) => ({ code, text })) };
  };
  const watch = start('watch', 'iochaos', 'watched');
  const logs = start('logs', '-f', 'iochaos/watched');
  await Promise.all([watch.spoke, logs.spoke]);
  await client.delete(ioChaos, { namespace, name: 'watched' });
  const [watched, logged] = await Promise.all([watch.ended, logs.ended]);
  assert.equal(watched.code, 0);
  assert.match(watched.text, /^\d\d:\d\d:\d\d {2}iochaos\/watched {2}Running {2}2\/2 {2}0 faults\n/);
  assert.match(watched.text, /iochaos\/watched {2}gone\n$/);
  assert.equal(logged.code, 0);
  assert.match(logged.text, /Running: 2\/2 targets are under faults\n/);
});

test('what cannot be shown is told in words', async () => {
  const missing = join(directory, 'missing');
  const none = await run(['get'], { KUBECONFIG: missing });
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(none.stderr, /^ordeal: there is no kubeconfig: \S+missing does not exist {2}\[ORD-803\]\n/);
  const other = await run(['get', '--context', 'prod']);
  assert.match(other.stderr, /there is no context 'prod' {2}\[ORD-803\]/);
  const noSuch = await run(['describe', 'iochaos/none', '-n', namespace]);
  assert.equal(noSuch.code, 1);
  assert.match(noSuch.stderr, /^ordeal: there is no iochaos\/none in namespace \S+ {2}\[ORD-806\]\n/);
  const kind = await run(['get', 'pods']);
  assert.equal(kind.code, 2);
  assert.match(kind.stderr, /'pods' is not a kind of experiment; they are kernelchaos, iochaos, schedule/);
  const config = JSON.parse(readFileSync(testKubeconfig(), 'utf8'));
  const file = join(directory, 'nobody');
  const accounts = {
    group: '',
    version: 'v1',
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    namespaced: true,
  };
  await client.create(accounts, { metadata: { namespace, name: 'nobody' } });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = await client.createSubresource<{ status: { token: string } }>(
    accounts,
    { namespace, name: 'nobody' },
    'token',
    request,
  );
  config.users[0].user = { token: status.token };
  writeFileSync(file, JSON.stringify(config));
  const forbidden = await run(['get', '--kubeconfig', file, '-n', namespace]);
  assert.equal(forbidden.code, 1);
  assert.match(
    forbidden.stderr,
    /cannot list resource "\w+" in API group "chaos-mesh.org" .*\[ORD-801\]\n {2}Ask for permission/,
  );
});

test('the page of a cluster shows its experiments, and pauses, resumes and deletes them', async () => {
  await make('paged', { duration: '1h' }, 'Running');
  const child = spawn(process.execPath, [ordeal, 'ui', '--cluster', '-n', namespace, '--json'], {
    env: { ...process.env, KUBECONFIG: testKubeconfig() },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const browser = await TestBrowser.open();
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const page = await browser.page();
    await page.goto((JSON.parse(line) as { url: string }).url);
    const run = page.locator(`[data-run='${namespace}/iochaos/paged']`);
    await run.locator('.state', { hasText: 'Running' }).waitFor();
    await run.getByText('latency 10ms, for 2 of 2 targets').waitFor();
    assert.equal(await page.locator('#start').count(), 0);
    await assertAccessible(page);
    await assertFits(page, 400);

    await run.getByRole('button', { name: 'Pause' }).click();
    await run.locator('.state', { hasText: 'Paused' }).waitFor();
    await run.getByRole('button', { name: 'Resume' }).click();
    await run.locator('.state', { hasText: 'Running' }).waitFor();
    const downloading = page.waitForEvent('download');
    await run.getByRole('link', { name: 'Report' }).click();
    const report = join(directory, 'paged.html');
    await (await downloading).saveAs(report);
    assert.match(readFileSync(report, 'utf8'), /web-1\/main {2}injected/);
    await run.getByRole('button', { name: 'Stop' }).click();
    await run.waitFor({ state: 'detached' });
    assert.equal(await client.find(ioChaos, { namespace, name: 'paged' }), undefined);
    assert.deepEqual(browser.complaints, []);
  } finally {
    await browser.close();
    child.kill('SIGINT');
    await ended;
  }
  assert.equal(child.exitCode, 0);
});
