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
/** A free port may be taken by another program before ours gets it. */
const ATTEMPTS = 3;

/**
 * Starts etcd and an API server on free loopback ports. Everything is below `directory`, which must not exist:
 * `kubeconfig` of a cluster administrator, data, keys, logs and pids.
 *
 * @param {string} binaries directory with `etcd` and `kube-apiserver`
 * @returns {Promise<string>} path of the kubeconfig
 */
export async function startControlPlane(binaries, directory) {
  return step('starting etcd and the API server', '10 s', async () => {
    for (let attempt = 1; ; attempt++) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const problem = await tryToStart(binaries, directory);
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
async function tryToStart(binaries, directory) {
  const [client, peer, api] = await freePorts(3);
  const etcd = `http://127.0.0.1:${client}`;
  const etcdPeer = `http://127.0.0.1:${peer}`;
  await startDaemon(directory, 'etcd', [
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
  const token = randomBytes(16).toString('hex');
  await writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`);
  await writeServiceAccountKeys(directory);
  await startDaemon(directory, 'kube-apiserver', [
    join(binaries, 'kube-apiserver'),
    `--etcd-servers=${etcd}`,
    `--secure-port=${api}`,
    // With a loopback address the certificate that the server makes for itself is valid for that address.
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--cert-dir=${join(directory, 'pki')}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(directory, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(directory, 'service-account.key')}`,
    '--service-cluster-ip-range=10.212.0.0/24',
    '--authorization-mode=Node,RBAC',
    // No controller makes the ServiceAccounts that this plugin wants in each pod.
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
    '--shutdown-delay-duration=0',
    '--profiling=false',
  ]);
  return waitUntilReady(directory, api, token);
}

async function writeServiceAccountKeys(directory) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(join(directory, 'service-account.key'), key, { mode: 0o600 });
  await writeFile(join(directory, 'service-account.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
}

async function waitUntilReady(directory, port, token) {
  const certificate = join(directory, 'pki/apiserver.crt');
  const end = performance.now() + READY_MS;
  while (performance.now() < end) {
    for (const name of ['etcd', 'kube-apiserver']) {
      if (!(await daemonRuns(directory, name))) return `${name} ended`;
    }
    const ca = existsSync(certificate) ? readFileSync(certificate) : undefined;
    if (ca !== undefined && (await isReady(port, ca, token))) {
      await writeFile(join(directory, 'kubeconfig'), kubeconfig(port, ca, token), { mode: 0o600 });
      return undefined;
    }
    await delay(100);
  }
  return `the API server was not ready after ${READY_MS / 60_000} minutes`;
}

function isReady(port, ca, token) {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const options = { host: '127.0.0.1', port, path: '/readyz', ca, headers, timeout: 5000, agent: false };
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
function kubeconfig(port, ca, token) {
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    'certificate-authority-data': ca.toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
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
