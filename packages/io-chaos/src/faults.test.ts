import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import { ruleOf } from '@ordeal/fault-fs';
import { faultsOf, ruleOfFaults } from './faults.js';

const LIMIT = 'limit: {bytesPerSecond: 10, operationsPerSecond: 20}';
const TRIGGER = 'methods: [fsync, read], percent: 50, after: 1, every: 2, times: 3, seed: 4';

test('everything that a document says of its faults reaches the server', () => {
  for (const fields of [
    'action: capacity, capacity: {bytes: 10, errno: EDQUOT}',
    `action: limit, ${LIMIT}`,
    'action: latency, delay: 10ms, jitter: 5ms, correlation: 25, distribution: normal, stall: {for: 1s, every: 5s}',
    'action: latency, histogram: [{upTo: 1ms, weight: 9}, {upTo: 1s, weight: 1}]',
    'action: fault, errno: EIO, unsynced: lose',
    `action: attrOverride, attr: {perm: 0o640}, ${TRIGGER}`,
    'action: mistake, mistake: {filling: zero, maxOccurrences: 2, maxLength: 3}',
  ]) {
    const text = `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: a}
spec: {mode: one, selector: {}, volumePath: /data, path: /data/*.db, ${fields}}`;
    const [experiment] = parseDocuments(text, 'a.yaml').experiments;
    assert.ok(experiment?.kind === 'IOChaos', fields);
    const [{ matchesPath, ...here }, { matchesPath: there, ...direct }] = [
      ruleOfFaults(faultsOf(experiment.spec)),
      ruleOf(experiment.spec),
    ];
    assert.deepEqual(here, direct);
    assert.deepEqual([matchesPath?.('/data/x.db'), there?.('/data/x.db')], [true, true]);
  }
});
