import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { configFragment, configHash } from './kernel-config.js';
import { findKernel, listKernels, storeKernel } from './kernel-store.js';

let cache: string;

before(async () => {
  cache = await mkdtemp(join(tmpdir(), 'ordeal-store-'));
  process.env.ORDEAL_CACHE = cache;
});

after(() => rm(cache, { recursive: true, force: true }));

async function store(key: string, hash: string) {
  await writeFile(join(cache, 'image'), `image of ${key}`);
  await writeFile(join(cache, 'config'), 'CONFIG_A=y\n');
  const facts = {
    flavour: '6.1',
    version: '6.1.0-x',
    source: 'linux-source-6.1 6.1.0-1',
    configHash: hash,
  } as const;
  return await storeKernel(key, join(cache, 'image'), join(cache, 'config'), facts);
}

test('a stored kernel is listed and found by its flavour and options', async () => {
  assert.deepEqual(await listKernels(), []);
  const current = configHash(await configFragment('6.1'));
  await store('6.1.0-old', '000000000000');
  assert.equal(await findKernel('6.1'), undefined);
  const kernel = await store('6.1.0-new', current);
  assert.equal((await listKernels()).length, 2);
  assert.deepEqual(await findKernel('6.1'), kernel);
  assert.equal(await findKernel('6.12'), undefined);
  assert.equal(kernel.sizeBytes, 'image of 6.1.0-new'.length);
});

test('an incomplete kernel is skipped', async () => {
  const count = (await listKernels()).length;
  for (const [name, record] of [
    ['no-json', '{'],
    ['wrong-type', '{"flavour": 6}'],
    ['no-image', '{"flavour":"6.1","version":"v","source":"s","configHash":"h","builtAt":"2026-01-01"}'],
  ] as const) {
    await mkdir(join(cache, 'kernels', name), { recursive: true });
    await writeFile(join(cache, 'kernels', name, 'kernel.json'), record);
  }
  assert.equal((await listKernels()).length, count);
});
