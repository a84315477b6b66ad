// A node in the lab VM for one test: prints what its containers print, and ends when standard input does.
// usage: serve-lab-node.mjs NODE DIRECTORY; DIRECTORY has the agent's kubeconfig, and the bundles for lab-node.sh
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootLab } from '../boot-lab.mjs';
import { bundleClusterPrograms } from '../bundle.mjs';
import { root } from '../root.mjs';

/** Containers are run without images, networks and the kubelet's interface: nothing else is started, which takes seconds. */
const CONTAINERD = `version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.tracing.processor.v1.otlp", "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
`;

const [node, directory] = process.argv.slice(2);
await writeFile(join(directory, 'containerd.toml'), CONTAINERD);
// Hundreds of modules would take the VM most of a minute to open.
const programs = await bundleClusterPrograms();
// Beside other tests on a slow machine.
const vm = await bootLab({ network: true, timeouts: { bootMs: 10 * 60_000 } });
try {
  const agent = [process.execPath, join(programs, 'ordeal-agent.cjs'), '--node', node];
  const argv = [join(root, 'scripts/cluster/lab-node.sh'), directory, ...agent];
  const { result } = vm.start(['sh', ...argv, '--kubeconfig', join(directory, 'kubeconfig')], {
    onStdout: (chunk) => process.stdout.write(chunk),
    onStderr: (chunk) => process.stderr.write(chunk),
  });
  process.stdin.resume();
  await Promise.race([once(process.stdin, 'end'), result]);
} finally {
  await vm.shutdown();
}
