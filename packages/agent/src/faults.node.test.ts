import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { injections, ioChaos } from '@ordeal/controller';
import type { KubeClient } from '@ordeal/kube';
import { testClient, until } from '@ordeal/kube/testing';
import { WritingDeployment } from './testing/writing-deployment.js';

const PAUSE = 'experiment.chaos-mesh.org/pause';

let client: KubeClient;
let writer: WritingDeployment;
before(async () => {
  client = await testClient();
  writer = await WritingDeployment.start(client);
});
after(async () => {
  await writer.close();
  client.close();
});

function condition(type: string, status: string) {
  return until(client, ioChaos, writer.experiment, (object) =>
    object?.status?.conditions?.some((each) => each.type === type && each.status === status),
  );
}

for (const [name, spec, says, saysAfterwards] of [
  ['errors', { action: 'fault', errno: 28, methods: ['write'] }, 'not written', 'written'],
  ['other attributes', { action: 'attrOverride', attr: { perm: 0o741 } }, 'mode 741', 'mode 644'],
  [
    'damaged bytes',
    {
      action: 'mistake',
      methods: ['read'],
      mistake: { filling: 'zero', maxOccurrences: 1, maxLength: 6 },
    },
    'read damaged',
    'read well',
  ],
] as const) {
  test(`a pod gets ${name} until the experiment is deleted`, async () => {
    await writer.inject(spec);
    await writer.output.says(says, 3);
    await condition('AllInjected', 'True');
    await writer.heal();
    await writer.output.says(saysAfterwards, 3);
  });
}

test('a write with a delay of an hour returns when the experiment is deleted', async () => {
  await writer.inject({ action: 'latency', delay: '1h', methods: ['write'] });
  await until(client, ioChaos, writer.experiment, (object) => (object?.status?.faults ?? 0) > 0);
  const goesOn = writer.output.says('written', 3);
  await writer.heal();
  await goesOn;
});

test('of two experiments on one volume each ends alone', async () => {
  await writer.inject();
  await writer.output.says('not written');
  const zeros = { filling: 'zero', maxOccurrences: 1, maxLength: 6 };
  await writer.inject({ action: 'mistake', methods: ['read'], mistake: zeros }, 'zeros');
  await writer.output.says('read damaged', 3);
  await writer.output.says('not written', 3);
  await writer.heal();
  await writer.output.says('written', 3);
  await writer.output.says('read damaged', 3);
  await writer.heal('zeros');
  await writer.output.says('read well', 3);
});

test('a paused experiment lifts its faults, and arms them again when it is resumed', async () => {
  await writer.inject();
  await writer.output.says('not written');
  await client.patch(ioChaos, writer.experiment, { metadata: { annotations: { [PAUSE]: 'true' } } });
  await writer.output.says('written');
  await condition('Paused', 'True');
  await client.patch(ioChaos, writer.experiment, { metadata: { annotations: { [PAUSE]: null } } });
  await writer.output.says('not written');
  await writer.heal();
  await writer.output.says('written', 3);
});

test('a volume that the pod does not have is a reason in the status, and no obstacle to deletion', async () => {
  await writer.inject({ action: 'fault', errno: 5, volumePath: '/nowhere' });
  const refused = await until(client, ioChaos, writer.experiment, (object) =>
    object?.status?.conditions?.some(({ message }) => message?.includes('/nowhere')),
  );
  const why = refused?.status?.conditions?.find(({ type }) => type === 'AllInjected');
  assert.equal(why?.status, 'False');
  assert.equal(why?.reason, 'Refused');
  await writer.heal();
  const left = [];
  for await (const each of client.list(injections, { namespace: writer.namespace })) left.push(each);
  assert.deepEqual(left, []);
});
