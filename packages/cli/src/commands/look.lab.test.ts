import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { canInject, type DoctorReport } from '../report/doctor-report.js';
import { recordedOutput } from '../testing/recorded-output.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { functions } from './functions.js';

const example = fileURLToPath(new URL('../../../../examples/kernel-mount.yaml', import.meta.url));
const context = () => ({ output: recordedOutput(), command: undefined, runDirectory: '/run/ordeal' });

test('doctor proves on the lab kernel that every fault can be made in both ways', async () => {
  const asJson = context();
  assert.equal(await doctor({ json: true }, asJson), 0);
  const report = JSON.parse(asJson.output.stdout()) as DoctorReport;
  assert.equal(canInject(report), true);
  for (const { mechanisms } of report.faults)
    assert.deepEqual(
      mechanisms.map(({ works }) => works),
      [true, true],
    );
  assert.deepEqual(
    report.frames.map(({ works }) => works),
    [true, true],
  );
  const asText = context();
  await doctor({}, asText);
  assert.match(
    asText.output.stdout(),
    /^Linux .* {2}slab faults {8}yes {3}fmod_ret, kprobe\n {2}page faults {8}yes {3}same\n.*What to do: kernel faults can be injected here: sudo ordeal run FILE -- CMD\n$/s,
  );
});

test('functions marks the fault points', async () => {
  const found = context();
  assert.equal(await functions('should_fail_*', {}, found), 0);
  const text = found.output.stdout();
  assert.match(text, /^bool should_fail_alloc_page\(.*\) {3}fault point of failtype 1, page allocations$/m);
  assert.match(
    text,
    /^int should_fail_bio\(struct bio \*bio\) {3}fault point of failtype 2, block I\/O requests$/m,
  );
});

test('functions --injectable lists what may fail, with the arguments of system calls', async () => {
  const found = context();
  assert.equal(await functions('openat', { injectable: true }, found), 0);
  assert.match(
    found.output.stdout(),
    /^openat\(int dfd, char \*filename, int flags, umode_t mode\) +ERRNO {3}fmod_ret, kprobe$/m,
  );
  const page = context();
  assert.equal(await functions('should_fail_alloc_page', { injectable: true, json: true }, page), 0);
  assert.deepEqual(JSON.parse(page.output.stdout()), {
    name: 'should_fail_alloc_page',
    function: 'should_fail_alloc_page',
    errorType: 'TRUE',
    prototype: 'bool should_fail_alloc_page(gfp_t gfp_mask, unsigned int order)',
    mechanisms: ['fmod_ret', 'kprobe'],
  });
  const typo = context();
  assert.equal(await functions('openatt', { injectable: true }, typo), 1);
  assert.match(typo.output.stderr(), /near: .*openat/);
});

test('functions tells what is near a name that does not exist', async () => {
  assert.equal(await functions('mount_subtre', {}, context()), 0);
  const typo = context();
  assert.equal(await functions('mount_subtere', {}, typo), 1);
  assert.match(
    typo.output.stderr(),
    /^no function of Linux .* fits 'mount_subtere'\n {2}near: .*mount_subtree/,
  );
});

test('explain shows the plan and the programs of both mechanisms', async () => {
  for (const [mechanism, hook] of [
    ['fmod_ret', 'fentry'],
    ['kprobe', 'kprobe'],
  ] as const) {
    const shown = context();
    assert.equal(await explain([example], { mechanism }, shown), 0);
    const text = shown.output.stdout();
    assert.match(
      text,
      /^kernel-chaos-example {3}slab allocations fail with ENOMEM\n {2}at {7}int should_failslab\(/,
    );
    assert.match(text, new RegExp(`^enter___x64_sys_mount: ${hook} on __x64_sys_mount\n {5}0: r6 = r1`, 'm'));
    assert.match(text, new RegExp(`: ${mechanism} on should_failslab\n`));
  }
});
