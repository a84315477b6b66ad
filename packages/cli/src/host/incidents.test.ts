import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import { parseDocuments } from '@ordeal/experiment';
import { findIncident, readIncidents, withVolume } from './incidents.js';

for (const incident of readIncidents()) {
  test(`${incident.name}: a valid document, described in full`, () => {
    const { experiments, problems } = parseDocuments(incident.document, incident.name);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.deepEqual(
      experiments.map(({ name }) => name),
      [incident.name],
    );
    for (const text of [incident.title, incident.happens, incident.seen, incident.copes])
      assert.match(text, /^\S.{9,}/);
  });
}

test('the volume is replaced, whatever characters its path has', () => {
  const document = withVolume(findIncident('slow-fsync'), '/srv/a "b": #c');
  const { experiments, problems } = parseDocuments(document, 'slow-fsync');
  assert.deepEqual(problems, []);
  const [experiment] = experiments;
  assert.ok(experiment?.kind === 'IOChaos');
  assert.equal(experiment.spec.volumePath, '/srv/a "b": #c');
});

test('a volume is refused for the kernel, and where it is no absolute path', () => {
  const refusal = (name: string, path: string) => {
    try {
      withVolume(findIncident(name), path);
      return undefined;
    } catch (error) {
      assert.ok(error instanceof OrdealError);
      return error.message;
    }
  };
  assert.equal(
    refusal('block-errors', '/srv'),
    '--volume: block-errors is about the kernel, not about a volume',
  );
  assert.equal(refusal('disk-full', 'srv'), '--volume: srv is not an absolute path');
  assert.equal(refusal('disk-full', '/data'), undefined);
});
