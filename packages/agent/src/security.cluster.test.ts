import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from '@ordeal/kube';
import { testKubeconfig } from '@ordeal/kube/testing';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

interface Manifest extends KubeObject {
  readonly rules?: readonly { readonly resources: string[]; readonly verbs: string[] }[];
  readonly spec?: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [
          {
            readonly securityContext: {
              readonly privileged?: boolean;
              readonly capabilities?: { readonly add?: string[]; readonly drop: string[] };
            };
            readonly volumeMounts?: readonly { readonly mountPath: string }[];
          },
        ];
      };
    };
  };
}

/** The chart's objects, parsed by the API server's client. */
function manifests(...flags: string[]): Manifest[] {
  const helm = process.env.ORDEAL_TEST_HELM ?? 'helm';
  const input = execFileSync(helm, ['template', 'ordeal', join(root, 'charts/ordeal'), ...flags]);
  const kubectl = join(process.env.ORDEAL_TEST_KUBE_BINARIES ?? '', 'kubectl');
  const words = ['--kubeconfig', testKubeconfig(), 'apply', '--dry-run=client', '-o', 'json', '-f', '-'];
  return JSON.parse(execFileSync(kubectl, words, { input, encoding: 'utf8' })).items;
}

function containerOf(objects: readonly Manifest[], kind: string) {
  const spec = objects.find((each) => each.kind === kind)?.spec;
  assert.ok(spec, `the chart has a ${kind}`);
  return spec.template.spec.containers[0];
}

test('docs/security.md gives a reason for each capability, mount and right', () => {
  const objects = manifests();
  const { securityContext, volumeMounts = [] } = containerOf(objects, 'DaemonSet');
  const rules = objects.flatMap((each) => each.rules ?? []);
  const given = [
    ...(securityContext.capabilities?.add ?? []),
    ...volumeMounts.map(({ mountPath }) => mountPath),
    ...rules.flatMap(({ resources, verbs }) => [...resources, ...verbs]),
  ];
  assert.ok(given.length > 30);
  assert.deepEqual(
    given.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
  const listed = [...page.matchAll(/`([A-Z_]{4,})`/g)].map(([, name]) => name);
  assert.deepEqual(
    listed.filter((name) => !securityContext.capabilities?.add?.includes(name ?? '')),
    [],
  );
});

test('the controller has no capabilities and no mounts, the agent is privileged for KernelChaos only', () => {
  const objects = manifests();
  const controller = containerOf(objects, 'Deployment');
  assert.deepEqual(controller.securityContext.capabilities, { drop: ['ALL'] });
  assert.equal(controller.volumeMounts, undefined);
  const agent = containerOf(objects, 'DaemonSet').securityContext;
  assert.equal(agent.privileged, undefined);
  assert.deepEqual(agent.capabilities?.drop, ['ALL']);
  const withKernelChaos = containerOf(manifests('--set', 'kernelChaos.enabled=true'), 'DaemonSet');
  assert.equal(withKernelChaos.securityContext.privileged, true);
});
