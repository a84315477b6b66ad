import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf } from '../testing/problems-of.js';

/** A Schedule of which only these fields of spec matter. */
function told(fields: string): string {
  return problemsOf(`apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: a}
spec:
${fields.replaceAll(/^/gm, '  ')}
`);
}

const kernelChaos = 'kernelChaos: {mode: one, selector: {}, failKernRequest: {failtype: 0}, duration: 1m}';

test('a schedule needs the spec of its type, and no other', () => {
  assert.equal(told(`schedule: "@hourly"\ntype: KernelChaos\n${kernelChaos}`), '');
  assert.equal(
    told(`schedule: "@hourly"\ntype: IOChaos\n${kernelChaos}`),
    `a.yaml:6:9  error  type: IOChaos needs ioChaos, the spec of its experiments  [ORD-119]
    6 |   type: IOChaos
      |         ^~~~~~~
a.yaml:7:3  error  kernelChaos: does not belong to type IOChaos  [ORD-119]
    7 |   ${kernelChaos}
      |   ^~~~~~~~~~~`,
  );
});

test('unsupported types and invalid schedules', () => {
  assert.equal(
    told(
      'schedule: "61 * * * *"\ntype: NetworkChaos\nstartingDeadlineSeconds: 0\nhistoryLimit: 0\nconcurrencyPolicy: Replace',
    ),
    `a.yaml:5:14  error  schedule: '61' is not a minute: 0 to 59  [ORD-115]
    5 |   schedule: "61 * * * *"
      |              ^~
a.yaml:6:9  error  type: NetworkChaos is a kind of Chaos Mesh that Ordeal does not support  [ORD-113]
    6 |   type: NetworkChaos
      |         ^~~~~~~~~~~~  it schedules KernelChaos and IOChaos
a.yaml:7:28  error  startingDeadlineSeconds: 0 is out of range  [ORD-110]
    7 |   startingDeadlineSeconds: 0
      |                            ^  at least 1
a.yaml:8:17  error  historyLimit: 0 is out of range  [ORD-110]
    8 |   historyLimit: 0
      |                 ^  at least 1
a.yaml:9:22  error  concurrencyPolicy: 'Replace' is not known  [ORD-109]
    9 |   concurrencyPolicy: Replace
      |                      ^~~~~~~  there are Forbid, Allow`,
  );
});

test('an experiment that never finishes keeps all others from starting', () => {
  const endless = kernelChaos.replace(', duration: 1m', '');
  assert.equal(
    told(`schedule: "@hourly"\ntype: KernelChaos\n${endless}`),
    `a.yaml:7:3  warning  kernelChaos: without a duration the first experiment never finishes, and no other one starts  [ORD-121]
    7 |   ${endless}
      |   ^~~~~~~~~~~  write a duration, or concurrencyPolicy: Allow`,
  );
  assert.equal(told(`schedule: "@hourly"\ntype: KernelChaos\nconcurrencyPolicy: Allow\n${endless}`), '');
});

test('the old scheduler needs a duration', () => {
  assert.equal(
    problemsOf(`apiVersion: pingcap.com/v1alpha1
kind: KernelChaos
metadata: {name: a}
spec: {mode: one, selector: {}, failKernRequest: {failtype: 0}, scheduler: {cron: "@every 2m"}}
`),
    `a.yaml:4:65  error  scheduler needs a duration beside it: how long each run lasts  [ORD-126]
    4 | spec: {mode: one, selector: {}, failKernRequest: {failtype: 0}, scheduler: {cron: "@every 2m"}}
      |                                                                 ^~~~~~~~~  for example duration: 10s`,
  );
});
