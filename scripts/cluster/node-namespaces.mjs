import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { capture, quietly, StepError } from '../step.mjs';
import { API_SERVICE_ADDRESS } from './control-plane.mjs';
import { daemonPid, startDaemon } from './daemon.mjs';
import { mountNamespace } from './node-processes.mjs';

/** The process whose namespaces are the node's. */
export const HOLDER = 'namespaces';
/** The node's own address: only the node itself and its pods reach it. */
export const NODE_ADDRESS = '10.211.0.1';
/** Directories that a node has of its own, so that several can be on one machine and leave nothing there. */
const OWN = ['/var/lib', '/var/log'];
/** What a kubelet sets for the whole machine: on this node it sets files (kubelet's setupKernelTunables). */
const SYSCTLS = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
};
/** The node's end of its link to this machine. */
const LINK = 'machine';
/** The networks between machine and node that are tried: 10.213.N.0/30. */
const NETWORKS = 250;

/**
 * Makes a mount and a network namespace for a node: with a `/run`, `/var/lib` and `/var/log` of its own, and one link to
 * this machine. They end with their last process, and everything that was made in them.
 *
 * @returns {Promise<{ enter: string[], address: string }>} `enter`: the words before a command that run it there;
 *   `address`: the node's, as this machine reaches it
 */
export async function makeNodeNamespaces(directory) {
  const words = ['unshare', '--mount', '--net', '--propagation', 'private', '--', 'sleep', 'infinity'];
  await startDaemon(directory, HOLDER, words);
  const pid = await daemonPid(directory, HOLDER);
  while (mountNamespace(pid) === mountNamespace('self')) await delay(20);
  const tmp = join(directory, 'tmp');
  await mkdir(tmp);
  const enter = ['nsenter', `--target=${pid}`, '--mount', '--net', '--', 'env', `TMPDIR=${tmp}`];
  await mountOwn(enter, directory);
  return { enter, address: await connect(enter, pid) };
}

/** Takes the link to this machine away: a namespace can outlive its processes for minutes, with connections that end. */
export async function disconnectNode(directory) {
  const pid = await daemonPid(directory, HOLDER);
  if (pid === undefined) return;
  await capture(['nsenter', `--target=${pid}`, '--net', '--', 'ip', 'link', 'delete', LINK]);
}

async function mountOwn(enter, directory) {
  await quietly([...enter, 'mount', '-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']);
  for (const path of OWN) {
    await mkdir(join(directory, path), { recursive: true });
    await quietly([...enter, 'mount', '--bind', join(directory, path), path]);
  }
  for (const [name, value] of Object.entries(SYSCTLS)) {
    const file = join(directory, 'sysctl', name.replaceAll('/', '.'));
    await mkdir(join(directory, 'sysctl'), { recursive: true });
    await writeFile(file, `${value}\n`);
    await quietly([...enter, 'mount', '--bind', file, join('/proc/sys', name)]);
  }
  // Pods may ask for mounts that are seen on both sides.
  await quietly([...enter, 'mount', '--make-rshared', '/']);
}

async function connect(enter, pid) {
  const inside = (...words) => quietly([...enter, ...words]);
  await inside('ip', 'link', 'set', 'lo', 'up');
  // Pods reach the API server under its service address: it listens on all addresses of the node.
  for (const address of [API_SERVICE_ADDRESS, NODE_ADDRESS]) {
    await inside('ip', 'address', 'add', `${address}/32`, 'dev', 'lo');
  }
  await inside('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  for (let number = 0; number < NETWORKS; number++) {
    const link = `ordeal-node${number}`;
    const words = ['ip', 'link', 'add', 'name', link, 'type', 'veth', 'peer', 'name', LINK, 'netns'];
    const { code, output } = await capture([...words, String(pid)]);
    if (code !== 0 && output.includes('File exists')) continue;
    if (code !== 0) throw new StepError(`no link to the node can be made: ${output}`);
    await quietly(['ip', 'address', 'add', `10.213.${number}.1/30`, 'dev', link]);
    await quietly(['ip', 'link', 'set', link, 'up']);
    await inside('ip', 'address', 'add', `10.213.${number}.2/30`, 'dev', LINK);
    await inside('ip', 'link', 'set', LINK, 'up');
    await inside('ip', 'route', 'add', 'default', 'via', `10.213.${number}.1`);
    return `10.213.${number}.2`;
  }
  throw new StepError(`there are ${NETWORKS} nodes on this machine already`);
}
