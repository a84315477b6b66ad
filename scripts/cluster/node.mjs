import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { installDebian, NODE_PACKAGES } from '../debian-packages.mjs';
import { root } from '../root.mjs';
import { capture, quietly, StepError, step } from '../step.mjs';
import { BUSYBOX, writeBusyboxImage } from './busybox-image.mjs';
import { startControlPlane } from './control-plane.mjs';
import { daemonPid, daemonRuns, killDaemons, startDaemon } from './daemon.mjs';
import { writeNodeConfig } from './node-config.mjs';
import { disconnectNode, HOLDER, makeNodeNamespaces, NODE_ADDRESS } from './node-namespaces.mjs';
import { endNode, makeCgroups, mountNamespace, mountNamespacesIn } from './node-processes.mjs';

/** The node's name in its cluster. */
const NAME = 'node';
/** How long a part may take to be ready: seconds usually, a minute on a busy machine. */
const READY_MS = 5 * 60_000;
const USERS = [
  { file: 'controller-manager', name: 'system:kube-controller-manager' },
  { file: 'scheduler', name: 'system:kube-scheduler' },
  { file: 'kubelet', name: `system:node:${NAME}`, group: 'system:nodes' },
];

/**
 * Starts a cluster of one node: etcd, the API server, controllers, scheduler, containerd and kubelet, in namespaces of
 * their own, with the images of Ordeal and of busybox. Everything is below `directory`, which must not exist. Where it does
 * not come up, nothing is left.
 *
 * @param {string} binaries directory with the parts of Kubernetes
 * @returns {Promise<string>} path of an administrator's kubeconfig
 */
export async function startNode(binaries, directory) {
  await installDebian(NODE_PACKAGES);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    return await start(binaries, directory);
  } catch (error) {
    await stopNode(directory);
    throw error;
  }
}

/** Stops what `startNode` started, with all pods, and removes its directory. Also what was not started to the end. */
export async function stopNode(directory) {
  const namespaces = mountNamespacesIn(cgroupOf(directory));
  namespaces.add(mountNamespace(await daemonPid(directory, HOLDER)));
  await step('stopping the node', '2 s', async () => {
    await disconnectNode(directory);
    await killDaemons(directory);
    await endNode(cgroupOf(directory), namespaces);
    await rm(directory, { recursive: true, force: true });
  });
}

async function start(binaries, directory) {
  const { enter, address } = await makeNodeNamespaces(directory);
  const cgroup = cgroupOf(directory);
  await makeCgroups(cgroup);
  await writeNodeConfig({ directory, cgroup: `/${cgroup}`, sandboxImage: BUSYBOX });
  const config = join(directory, 'containerd.toml');
  await startDaemon(directory, 'containerd', [...enter, 'containerd', '--config', config]);

  const flags = ['--kubelet-preferred-address-types=InternalIP'];
  const place = { enter, address, bind: '0.0.0.0', port: 443, users: USERS, flags };
  const kubeconfig = await startControlPlane(binaries, directory, place);
  await importImages(enter, directory);
  for (const [name, options] of Object.entries(partsOf(directory))) {
    await startDaemon(directory, name, [...enter, join(binaries, name), ...options]);
  }
  const kubectl = [join(binaries, 'kubectl'), '--kubeconfig', kubeconfig];
  await step('starting the node', '20 s', async () => {
    await until(directory, [...kubectl, 'wait', '--for=condition=Ready', `node/${NAME}`, '--timeout=5s']);
    await until(directory, [...kubectl, 'get', 'serviceaccount', 'default']);
  });
  return kubeconfig;
}

/** The parts of Kubernetes beside the API server, with their flags. */
function partsOf(directory) {
  const file = (name) => join(directory, name);
  const controls = (name) => [
    `--kubeconfig=${file(`${name}.kubeconfig`)}`,
    `--authentication-kubeconfig=${file(`${name}.kubeconfig`)}`,
    `--authorization-kubeconfig=${file(`${name}.kubeconfig`)}`,
    `--cert-dir=${file(name)}`,
    '--bind-address=127.0.0.1',
    '--leader-elect=false',
  ];
  return {
    'kube-controller-manager': [
      ...controls('controller-manager'),
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${file('service-account.key')}`,
      `--root-ca-file=${file('pki/apiserver.crt')}`,
    ],
    'kube-scheduler': controls('scheduler'),
    kubelet: [
      `--config=${file('kubelet.json')}`,
      `--kubeconfig=${file('kubelet.kubeconfig')}`,
      `--hostname-override=${NAME}`,
      `--node-ip=${NODE_ADDRESS}`,
    ],
  };
}

/** Gives the node's containerd what it could pull from nowhere. */
async function importImages(enter, directory) {
  const work = join(directory, 'images');
  await mkdir(work);
  await step('making and importing images', '20 s', async () => {
    const [busybox, ordeal] = ['busybox.tar', 'ordeal.tar'].map((name) => join(work, name));
    await writeBusyboxImage(busybox, join(work, 'busybox'));
    await quietly([process.execPath, join(root, 'scripts/image/image.mjs'), ordeal]);
    await until(directory, [...enter, 'ctr', 'version']);
    for (const image of [busybox, ordeal]) {
      await quietly([...enter, 'ctr', '--namespace', 'k8s.io', 'images', 'import', image]);
    }
  });
  await rm(work, { recursive: true });
}

/** Repeats a command until it succeeds. @throws StepError where a daemon ends meanwhile, or it takes too long */
async function until(directory, argv) {
  const end = performance.now() + READY_MS;
  for (;;) {
    const { code, output } = await capture(argv);
    if (code === 0) return;
    const names = readdirSync(directory).filter((name) => name.endsWith('.pid'));
    for (const name of names.map((each) => basename(each, '.pid'))) {
      if (!(await daemonRuns(directory, name))) throw new StepError(`${name} ended\n${log(directory, name)}`);
    }
    if (performance.now() > end) {
      throw new StepError(`${argv.join(' ')}\n${output}\n${log(directory, 'kubelet')}`);
    }
    await delay(100);
  }
}

/** The last lines. */
function log(directory, name) {
  const file = join(directory, `${name}.log`);
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : '';
}

/** The parent cgroup of all pods of a node, below the root of each hierarchy. */
function cgroupOf(directory) {
  return `ordeal-${basename(directory)}`;
}
