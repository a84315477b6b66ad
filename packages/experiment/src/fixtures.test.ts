import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDocuments } from './parse-documents.js';
import { scheduledExperiment } from './scheduled-experiment.js';
import { nextFire } from './time/next-fire.js';

/** The documents of the existing system's documentation, unchanged. */
function fixture(name: string) {
  const source = readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8');
  const parsed = parseDocuments(source, name);
  const wrong = parsed.problems.filter((problem) => problem.severity !== 'note');
  assert.deepEqual(wrong, [], name);
  return { ...parsed, source };
}

test('the frame of each of the three documentations is read', () => {
  for (const name of ['mount-one-pod.yaml', 'mount-version-1.yaml', 'mount-pingcap.yaml']) {
    const { experiments, problems } = fixture(name);
    assert.deepEqual(problems, []);
    const [experiment] = experiments;
    assert.equal(experiments.length, 1);
    assert.equal(experiment?.kind, 'KernelChaos');
    assert.equal(experiment.name, 'kernel-chaos-example');
    const { failKernRequest, selector, mode, duration } = experiment.spec;
    assert.equal(mode, 'one');
    assert.equal(duration, undefined);
    assert.deepEqual(selector.namespaces, ['chaos-mount']);
    assert.equal(failKernRequest.failtype, 0);
    assert.equal(failKernRequest.probability, 100);
    assert.equal(failKernRequest.times, 0);
    assert.deepEqual(
      failKernRequest.callchain.map((frame) => [frame.funcname, frame.parameters, frame.predicate]),
      [['__x64_sys_mount', undefined, undefined]],
    );
  }
});

test('slab, page and block I/O failures with limits', () => {
  const { experiments } = fixture('kernel-failures.yaml');
  const summary = experiments.map((experiment) => {
    assert.equal(experiment.kind, 'KernelChaos');
    const { failtype, probability, times, headers } = experiment.spec.failKernRequest;
    return [experiment.name, failtype, probability, times, experiment.spec.duration, ...headers];
  });
  assert.deepEqual(summary, [
    ['kernel-allocation-failure', 0, 10, 100, 30_000_000_000n],
    ['slab-failure', 0, 10, 100, 60_000_000_000n],
    ['page-alloc-failure', 1, 5, 50, 30_000_000_000n, 'linux/mmzone.h'],
    ['bio-failure', 2, 15, 0, 45_000_000_000n, 'linux/blkdev.h'],
    ['targeted-failure', 0, 100, 10, 120_000_000_000n, 'linux/dcache.h'],
  ]);
  assert.deepEqual(experiments[0]?.spec, { ...experiments[0]?.spec, value: undefined, containerNames: [] });
  assert.equal(experiments[0]?.namespace, 'default');
});

test('a predicate has its position', () => {
  const { experiments, source } = fixture('call-chain-predicate.yaml');
  const [experiment] = experiments;
  assert.equal(experiment?.kind, 'KernelChaos');
  const { callchain } = experiment.spec.failKernRequest;
  assert.deepEqual(
    callchain.map((frame) => frame.funcname),
    ['ext4_mount', 'mount_subtree', 'd_alloc_parallel'],
  );
  const predicate = callchain[2]?.source.predicate;
  assert.equal(predicate?.text, 'STRNCMP(name->name, "target.db", 9)');
  const at = predicate.placeAt(predicate.text.indexOf('"target.db"'), '"target.db"'.length);
  const line = source.split('\n')[at.line - 1] ?? '';
  assert.equal(line.slice(at.column - 1, at.column - 1 + at.length), '\\"target.db\\"');
});

test('the old scheduler becomes a Schedule', () => {
  const { experiments, problems } = fixture('mount-scheduled.yaml');
  assert.deepEqual(
    problems.map(({ code, place }) => `${code} ${place.line}:${place.column}`),
    ['ORD-126 17:3'],
  );
  const [schedule] = experiments;
  assert.equal(schedule?.kind, 'Schedule');
  const { spec } = schedule;
  assert.equal(spec.type, 'KernelChaos');
  assert.equal(nextFire(spec.schedule, new Date(0))?.getTime(), 120_000);
  assert.equal(spec.kernelChaos?.duration, 10_000_000_000n);
  assert.equal(schedule.placeOf('spec.schedule').line, 18);
  const started = scheduledExperiment(schedule);
  assert.equal(started.kind, 'KernelChaos');
  assert.equal(started.placeOf('spec.failKernRequest.failtype').line, 15);
});

test('a Schedule of today', () => {
  const { experiments } = fixture('schedule.yaml');
  const [schedule] = experiments;
  assert.equal(schedule?.kind, 'Schedule');
  const { startingDeadlineSeconds, concurrencyPolicy, historyLimit } = schedule.spec;
  assert.deepEqual([startingDeadlineSeconds, concurrencyPolicy, historyLimit], [30n, 'Forbid', 5]);
  const started = scheduledExperiment(schedule);
  assert.equal(started.name, 'nightly-slab');
  assert.deepEqual(started.spec.selector.namespaces, ['shop']);
  assert.equal(started.placeOf('spec.failKernRequest.failtype').line, 18);
});

test('the four actions of IOChaos', () => {
  const { experiments } = fixture('io-chaos.yaml');
  const [slow, full, look, rot] = experiments.map((experiment) => {
    assert.equal(experiment.kind, 'IOChaos');
    return experiment.spec;
  });
  assert.equal(slow?.delay, 100_000_000n);
  assert.equal(slow.percent, 50);
  assert.deepEqual(slow.methods, ['write', 'fsync']);
  assert.ok(slow.path?.matches('/data/a/b/c.log'));
  assert.deepEqual([full?.errno, full?.value, full?.percent, full?.path], [28, '2', 100, undefined]);
  assert.deepEqual(full?.selector.namespaces, ['shop']);
  assert.equal(look?.attr?.perm, 0o444);
  assert.equal(look.attr.size, 2n ** 64n - 1n);
  assert.deepEqual(look.attr.mtime, { sec: -1n, nsec: 999_999_999 });
  assert.deepEqual(rot?.mistake, { filling: 'random', maxOccurrences: 2, maxLength: 8 });
});
