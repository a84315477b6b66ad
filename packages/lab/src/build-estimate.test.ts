import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BuildEstimate } from './build-estimate.js';

const second = 1000;

test('stages follow the output of make', () => {
  const build = new BuildEstimate(1000, 0);
  assert.equal(build.stage, 'unpack');
  build.enter('configure');
  build.take('  HOSTCC  scripts/basic/fixdep');
  assert.equal(build.stage, 'configure');
  build.take('  CC      init/main.o');
  assert.equal(build.stage, 'compile');
  build.take('  LD      vmlinux.o');
  assert.equal(build.stage, 'link');
  build.take('  BTF     .btf.vmlinux.bin.o');
  assert.equal(build.stage, 'types');
  build.enter('install');
  assert.ok(build.estimate(0).fraction > 0.98);
});

test('the fraction never falls, and stays below one with more objects than expected', () => {
  const build = new BuildEstimate(100, 0);
  build.enter('configure');
  let last = 0;
  for (let index = 0; index < 150; index++) {
    build.take(`  CC      a/${index}.o`);
    const { fraction } = build.estimate(index * second);
    assert.ok(fraction >= last && fraction < 1);
    last = fraction;
  }
  build.take('  LD      vmlinux.o');
  assert.ok(build.estimate(0).fraction >= last);
});

test('the time left comes from the rate so far, once there is one', () => {
  const build = new BuildEstimate(825, 0);
  assert.equal(build.estimate(second).etaSeconds, undefined);
  build.enter('configure');
  for (let index = 0; index < 450; index++) build.take('  CC      x.o');
  const { fraction, etaSeconds } = build.estimate(100 * second);
  assert.equal(fraction, 0.5);
  assert.equal(etaSeconds, 100);
});

test('a continued build counts only its own work for the rate', () => {
  const build = new BuildEstimate(825, 0, 410);
  assert.equal(build.estimate(second).etaSeconds, undefined);
  for (let index = 0; index < 200; index++) build.take('  CC      x.o');
  const { fraction, etaSeconds = 0 } = build.estimate(60 * second);
  assert.equal(fraction, 0.66);
  assert.ok(etaSeconds > 90 && etaSeconds < 110, `${etaSeconds}`);
});
