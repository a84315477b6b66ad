import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '@ordeal/node';
import { recordedOutput } from '../testing/recorded-output.js';
import { runSoon } from './run-soon.js';

const example = fileURLToPath(new URL('../../../../examples/kernel-mount.yaml', import.meta.url));
/** Nothing here needs it. */
const runDirectory = tmpdir();
const MOUNT = 'mount -t tmpfs none /mnt 2> /dev/null; exit 7';

test('run passes the exit code on and tells events as JSON lines', async () => {
  const output = recordedOutput();
  const command = ['sh', '-c', MOUNT];
  assert.equal(await runSoon([example], { json: true }, { output, command, runDirectory }), 7);
  assert.equal(output.stderr(), '');
  const lines = output.stdout().trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line) as RunEvent);
  const types = new Set(events.map((event) => event.type));
  for (const type of ['armed', 'command-started', 'lifted', 'command-ended'] as const) {
    assert.ok(types.has(type), type);
  }
  const lifted = events.find((event) => event.type === 'lifted');
  assert.ok(Number(lifted?.counters.fired) >= 1);
});

test('run tells people the same on the standard error', async () => {
  const output = recordedOutput();
  assert.equal(await runSoon([example], {}, { output, command: ['sh', '-c', MOUNT], runDirectory }), 7);
  assert.equal(output.stdout(), '');
  assert.match(
    output.stderr(),
    /^kernel-chaos-example {3}slab allocations fail with ENOMEM\n {2}under {4}.*__x64_sys_mount.*\n {2}for {6}sh and its children .*\n {2}until {4}the command ends; every match\n {2}armed {4}fmod_ret on should_failslab, \d+ programs, .*\n\n/,
  );
  assert.match(output.stderr(), /^lifted after .*, when the command ended: \d+ faults?\n/m);
  assert.match(output.stderr(), /^ +\d+ × {2}__x64_sys_mount < /m);
  assert.match(output.stderr(), /the command ended with exit code 7\nto repeat it: sudo ordeal run .*\n$/);
});

test('a function that this kernel lacks is told with its place, and nothing starts', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
  const file = join(directory, 'typo.yaml');
  const started = join(directory, 'started');
  writeFileSync(
    file,
    `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: { name: typo }
spec:
  mode: all
  selector: {}
  failKernRequest: { failtype: 0, callchain: [{ funcname: __x64_sys_muont }] }
`,
  );
  const output = recordedOutput();
  assert.equal(await runSoon([file], {}, { output, command: ['touch', started], runDirectory }), 1);
  assert.match(
    output.stderr(),
    /^.*typo\.yaml:7:\d+ {2}error {2}funcname: .*'__x64_sys_muont'.*\[ORD-201\]\n/,
  );
  assert.match(output.stderr(), /did you mean __x64_sys_mount/);
  assert.match(output.stderr(), /\n1 error\n$/);
  assert.equal(existsSync(started), false);
  rmSync(directory, { recursive: true });
});

test('an interrupted run lifts the faults, says so, and ends with 130', async () => {
  const ordeal = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));
  const child = spawn(process.execPath, [ordeal, 'run', example, '--', 'sleep', '600'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    if (!text.includes('armed') && (text + chunk).includes('armed')) child.kill('SIGINT');
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 130, text);
  assert.match(text, /^lifted after .*, interrupted: no faults: /m);
});
