import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StepError, step } from '../step.mjs';
import { daemonRuns, killDaemons, startDaemon } from './daemon.mjs';

/** How long the API server may take to be ready: 5 s usually, a minute on a busy machine. */
const READY_MS = 5 * 60_000;
/** Addresses of services; the first is that of the API server. */
const SERVICES = '10.212.0.0/24';
export const API_SERVICE_ADDRESS = '10.212.0.1';
/** A free port may be taken by another program before ours gets it. */
const ATTEMPTS = 3;

/** On a free loopback port, for objects alone: no controllers, no nodes. */
const LOOPBACK = {
  enter: [],
  address: '127.0.0.1',
  // With a loopback address the certificate that the server makes for itself is valid for that address.
  bind: '127.0.0.1',
  port: 0,
  users: [],
  // No controller makes the ServiceAccounts that this plugin wants in each pod.
  flags: ['--disable-admission-plugins=ServiceAccount'],
};

/**
 * Starts etcd and an API server. Everything is below `directory`: `kubeconfig` of a cluster administrator, data, keys,
 * logs and pids. Where they do not start, the directory is removed.
 *
 * @param {string} binaries directory with `etcd` and `kube-apiserver`
 * @param {{
 *   enter: string[], address: string, bind: string, port: number,
 *   users: { file: string, name: string, group?: string }[], flags: string[],
 * }} place `enter`: words before each command; `address`: of the API server, which listens on `bind` and `port`, any
 *   free one where that is 0; `users`: others who get a kubeconfig, `FILE.kubeconfig`; `flags`: of the API server
 * @returns {Promise<string>} path of the kubeconfig
 */
export async function startControlPlane(binaries, directory, place = LOOPBACK) {
  return step('starting etcd and the API server', '10 s', async () => {
    for (let attempt = 1; ; attempt++) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const problem = await tryToStart(binaries, directory, place);
      if (problem === undefined) return join(directory, 'kubeconfig');
      await killDaemons(directory);
      const text = logs(directory);
      await rm(directory, { recursive: true, force: true });
      if (attempt < ATTEMPTS && text.includes('address already in use')) continue;
      throw new StepError(`${problem}\n${text}`);
    }
  });
}

/** Stops what `startControlPlane` started and removes its directory. */
export async function stopControlPlane(directory) {
  await killDaemons(directory);
  await rm(directory, { recursive: true, force: true });
}

/** The reason why it did not come up, if it did not. */
async function tryToStart(binaries, directory, { enter, address, bind, port, users, flags }) {
  const [client, peer, free] = await freePorts(3);
  const api = port || free;
  const etcd = `http://127.0.0.1:${client}`;
  const etcdPeer = `http://127.0.0.1:${peer}`;
  await startDaemon(directory, 'etcd', [
    ...enter,
    join(binaries, 'etcd'),
    '--name=one',
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${etcdPeer}`,
    `--initial-advertise-peer-urls=${etcdPeer}`,
    `--initial-cluster=one=${etcdPeer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]);
  const admin = { file: 'kubeconfig', name: 'admin', group: 'system:masters' };
  const known = [admin, ...users.map((user) => ({ ...user, file: `${user.file}.kubeconfig` }))].map(
    (user) => {
      return { ...user, token: randomBytes(16).toString('hex') };
    },
  );
  const lines = known.map(({ token, name, group = '' }) => `${token},${name},${name},"${group}"\n`);
  await writeFile(join(directory, 'tokens.csv'), lines.join(''), { mode: 0o600 });
  await writeServiceAccountKeys(directory);
  await startDaemon(directory, 'kube-apiserver', [
    ...enter,
    join(binaries, 'kube-apiserver'),
    `--etcd-servers=${etcd}`,
    `--secure-port=${api}`,
    `--bind-address=${bind}`,
    `--advertise-address=${address}`,
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(directory, 'pki')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(directory, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(directory, 'service-account.key')}`,
    `--service-cluster-ip-range=${SERVICES}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--shutdown-delay-duration=0',
    '--profiling=false',
    ...flags,
  ]);
  return waitUntilReady(directory, { address, port: api }, known);
}

async function writeServiceAccountKeys(directory) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(directory, 'service-account.key'), key, { mode: 0o600 });
  await writeFile(join(directory, 'service-account.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
}

async function waitUntilReady(directory, server, users) {
  const certificate = join(directory, 'pki/apiserver.crt');
  const end = performance.now() + READY_MS;
  while (performance.now() < end) {
    for (const name of ['etcd', 'kube-apiserver']) {
      if (!(await daemonRuns(directory, name))) return `${name} ended`;
    }
    const ca = existsSync(certificate) ? readFileSync(certificate) : undefined;
    if (ca !== undefined && (await isReady(server, ca, users[0].token))) {
      for (const { file, name, token } of users) {
        await writeFile(join(directory, file), kubeconfig(server, ca, name, token), { mode: 0o600 });
      }
      return undefined;
    }
    await delay(100);
  }
  return `the API server was not ready after ${READY_MS / 60_000} minutes`;
}

function isReady({ address, port }, ca, token) {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const options = { host: address, port, path: '/readyz', ca, headers, timeout: 5000, agent: false };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    })
      .on('timeout', function giveUp() {
        this.destroy();
      })
      .on('error', () => resolve(false))
      .end();
  });
}

/** JSON is YAML, too. */
function kubeconfig({ address, port }, ca, name, token) {
  const cluster = {
    server: `https://${address}:${port}`,
    'certificate-authority-data': ca.toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
    'current-context': 'test',
  };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** Ports that are free now, each another. */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve, reject) => {
        server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** The last lines of each log. */
function logs(directory) {
  return ['etcd', 'kube-apiserver']
    .map((name) => join(directory, `${name}.log`))
    .filter(existsSync)
    .map((file) => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n'))
    .join('\n');
}
