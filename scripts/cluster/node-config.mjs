import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_ADDRESS } from './node-namespaces.mjs';

/** Addresses of pods. */
const PODS = '10.244.0.0/24';
const CNI_PLUGINS = '/usr/lib/cni';

/**
 * Writes the configuration files of a node.
 *
 * @param {{ directory: string, cgroup: string, sandboxImage: string }} node `cgroup`: the parent of all pods
 */
export async function writeNodeConfig({ directory, cgroup, sandboxImage }) {
  const network = join(directory, 'cni');
  await mkdir(network);
  await writeFile(join(network, '10-pods.conflist'), JSON.stringify(CNI));
  await writeFile(join(directory, 'containerd.toml'), containerdConfig(network, sandboxImage));
  // The machine's own may lead to what this node does not have.
  const resolvConf = join(directory, 'resolv.conf');
  await writeFile(resolvConf, '');
  await writeFile(join(directory, 'kubelet.json'), JSON.stringify(kubeletConfig(cgroup, resolvConf)));
}

const CNI = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni',
        ranges: [[{ subnet: PODS }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

function containerdConfig(network, sandboxImage) {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
[${cri}]
  sandbox_image = "${sandboxImage}"
  # Where CAP_SYS_RESOURCE is withheld, scores cannot be lowered.
  restrict_oom_score_adj = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
[${cri}.cni]
  bin_dir = "${CNI_PLUGINS}"
  conf_dir = "${network}"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

function kubeletConfig(cgroup, resolvConf) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    readOnlyPort: 0,
    // Nobody but the node and its pods reaches that address.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    resolvConf,
    clusterDNS: ['10.212.0.10'],
    // A machine that is nearly full is full for other reasons than this node.
    evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
  };
}
