// Inside the VM: arms one experiment in this process, through the same steps as the CLI.
import { parseDocuments } from '@ordeal/experiment';
import { blueprintOf, KernelInjection, planRequest, readKernelFacts } from '@ordeal/kernel-chaos';
import { cgroup2Root, readCgroup } from '@ordeal/linux';

/** The request that the bcc tool can load too: slab allocations anywhere. */
export const document = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata:
  name: bench
spec:
  mode: one
  selector:
    namespaces: [bench]
  failKernRequest:
    failtype: 0
`;

const facts = readKernelFacts();

/** Parsed request to armed; the caller recovers it. @param {'fmod_ret' | 'kprobe'} mechanism */
export function armed(cgroup, mechanism, callchain = [], extra = {}) {
  const request = parseDocuments(document, 'bench.yaml').experiments[0].spec.failKernRequest;
  const { plan } = planRequest({ ...request, callchain, ...extra }, 'bench.yaml', facts);
  const { id, level } = readCgroup(cgroup2Root(), cgroup);
  return KernelInjection.arm(blueprintOf(plan, [{ kind: 'cgroup', id, level }], mechanism), undefined);
}
