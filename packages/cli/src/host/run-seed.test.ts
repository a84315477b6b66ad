import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import { ioChaos, ioSchedule } from '../testing/ordeal-run.js';
import { runSeed } from './run-seed.js';

const spec = (more: string) => `action: fault\nerrno: 5\nvolumePath: /data\n${more}`;
const seedOf = (text: string, flag?: string) =>
  runSeed(flag, parseDocuments(text, 'f.yaml').experiments, () => 7);

test('a seed is drawn where something is random without one', () => {
  assert.equal(seedOf(ioChaos(spec('percent: 50'))), 7);
  assert.equal(seedOf(ioChaos(spec('percent: 50\nseed: 3'))), undefined);
  assert.equal(seedOf(ioChaos(spec('percent: 100'))), undefined);
  // Else all its starts would be the same.
  assert.equal(seedOf(ioSchedule(spec('percent: 50'))), undefined);
});

test('--seed is for what is random, and refused where it has no effect', () => {
  assert.equal(seedOf(ioChaos(spec('percent: 50')), '41'), 41);
  assert.equal(seedOf(ioSchedule(spec('percent: 50')), '41'), 41);
  for (const text of ['percent: 50\nseed: 3', 'percent: 100'])
    assert.throws(() => seedOf(ioChaos(spec(text)), '41'), { code: 'ORD-901', message: /has no effect/ });
  for (const flag of ['-1', 'x', '2147483648'])
    assert.throws(() => seedOf(ioChaos(spec('percent: 50')), flag), {
      code: 'ORD-901',
      message: /below 2\^31/,
    });
});
