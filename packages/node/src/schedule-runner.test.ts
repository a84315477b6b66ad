import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import { ScheduleRunner } from './schedule-runner.js';

test('the next time is reported when the started experiment has begun', async () => {
  const told: string[] = [];
  const text = `apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: often}
spec:
  schedule: '@every 1s'
  type: IOChaos
  concurrencyPolicy: Allow
  ioChaos: {mode: one, selector: {}, action: latency, delay: 1s, volumePath: /data/app}`;
  const [schedule] = parseDocuments(text, 'often.yaml').experiments;
  assert.ok(schedule?.kind === 'Schedule');
  let arm: () => void = () => undefined;
  const fired = new Promise<void>((resolve) => {
    const runner = new ScheduleRunner(
      schedule,
      ({ type }) => {
        told.push(type);
        if (told.length > 1) runner.stop();
      },
      () => {
        resolve();
        return new Promise((begun) => {
          arm = begun;
        });
      },
    );
  });
  assert.deepEqual(told, ['scheduled']);
  await fired;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ['scheduled']);
  arm();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ['scheduled', 'scheduled']);
});
