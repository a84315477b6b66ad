import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../testing/eventually.js';
import { armFaults, FaultsError, faults } from './index.js';

const volume = mkdtempSync(join(tmpdir(), 'ordeal-library-'));
after(() => rmSync(volume, { recursive: true }));

const full = {
  apiVersion: 'chaos-mesh.org/v1alpha1',
  kind: 'IOChaos',
  metadata: { name: 'full' },
  spec: {
    action: 'fault',
    mode: 'all',
    selector: {},
    volumePath: volume,
    methods: ['WRITE'],
    errno: 28,
    percent: 100,
  },
};

test('faults around a function, with their counts', async () => {
  const file = join(volume, 'a');
  const { value, fired, io, experiments } = await faults(full, () => {
    assert.throws(() => writeFileSync(file, 'x'), { code: 'ENOSPC' });
    return 42;
  });
  assert.equal(value, 42);
  assert.equal(fired, 1);
  assert.equal(io[0]?.errno, 'ENOSPC');
  assert.deepEqual(experiments[0]?.methods, [{ method: 'write', reached: 1, fired: 1 }]);
  writeFileSync(file, 'whole');
  assert.equal(readFileSync(file, 'utf8'), 'whole');
});

test('the error of a function passes when the faults are lifted', async () => {
  const file = join(volume, 'b');
  await assert.rejects(
    faults(full, () => writeFileSync(file, 'x')),
    { code: 'ENOSPC' },
  );
  writeFileSync(file, 'whole');
});

test('faults from a file, armed and lifted by hand, twice', async () => {
  const path = join(volume, 'full.yaml');
  writeFileSync(path, JSON.stringify(full));
  const armed = await armFaults(pathToFileURL(path), { duration: '10m' });
  assert.throws(() => writeFileSync(join(volume, 'c'), 'x'), { code: 'ENOSPC' });
  assert.equal((await armed.lift()).fired, 1);
  assert.equal((await armed.lift()).fired, 1);
});

test('a document that is wrong is refused with its place', async () => {
  const wrong = { ...full, spec: { ...full.spec, methods: ['WRTE'] } };
  await assert.rejects(armFaults(wrong), (error) => {
    assert.ok(error instanceof FaultsError);
    assert.equal(error.code, 'ORD-109');
    assert.match(error.message, /^documents:\d+:\d+ {2}error {2}methods\[0\]: 'WRTE'/);
    return true;
  });
});

test('what cannot be armed is refused with the reason and the way out', async () => {
  const nowhere = { ...full, spec: { ...full.spec, volumePath: join(volume, 'nowhere') } };
  await assert.rejects(armFaults(nowhere), { name: 'FaultsError', code: 'ORD-753' });
});

for (const [whose, target] of [
  ['its own', ''],
  ["another's", ', { pid: process.ppid }'],
] as const) {
  test(`a process that forgets ${whose} faults ends, and they with it`, async () => {
    const program = join(volume, 'forgets.mjs');
    writeFileSync(
      program,
      `import { armFaults } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
       await armFaults(${JSON.stringify(full)}${target});`,
    );
    await promisify(execFile)(process.execPath, [program]);
    await eventually(
      'the volume is taken back',
      () => !readFileSync('/proc/self/mounts', 'utf8').includes(volume),
    );
    writeFileSync(join(volume, 'd'), 'whole');
  });
}
