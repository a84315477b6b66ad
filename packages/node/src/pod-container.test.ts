import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInPod, podUid } from './pod-container.js';

const UID = '0f7e2c1a-5b6d-4a3f-9c8e-112233445566';

test('the cgroups of a pod are recognised by its uid, with each driver', () => {
  assert.ok(isInPod(`0::/kubepods/burstable/pod${UID}/3f2a`, UID));
  const slice = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;
  assert.ok(isInPod(`0::/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-3f2a.scope`, UID));
  assert.ok(isInPod(`4:memory:/kubepods/pod${UID}/3f2a\n0::/\n`, UID));
});

test('a pod of the same name and another uid is another pod', () => {
  assert.equal(isInPod(`0::/kubepods/pod${UID.replace('0f', '1f')}/3f2a`, UID), false);
  assert.equal(isInPod('', UID), false);
});

test('the uid of a pod is read from the cgroups of its processes', () => {
  const slice = `kubepods-burstable-pod${UID.replaceAll('-', '_')}.slice`;
  for (const cgroups of [
    `0::/kubepods/burstable/pod${UID}/3f2a\n`,
    `0::/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-3f2a.scope\n`,
  ]) {
    assert.equal(podUid(cgroups), UID);
    assert.ok(isInPod(cgroups, podUid(cgroups) ?? ''));
  }
  assert.equal(podUid('0::/user.slice/podman-1234.scope\n'), undefined);
});
