import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { bootVm } from './boot-vm.js';
import { buildKernel } from './build-kernel.js';

async function failure(promise: Promise<unknown>): Promise<OrdealError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof OrdealError, String(error));
  return error;
}

/** The number of processes with a text in their arguments. */
async function processesWith(text: string): Promise<number> {
  let found = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const words = await readFile(join('/proc', name, 'cmdline'), 'utf8').catch(() => '');
    if (words.includes(text)) found++;
  }
  return found;
}

test('a VM that does not come up in time is killed, and the error names its log', async () => {
  const { imagePath } = await buildKernel();
  const logPath = join(tmpdir(), `ordeal-slow-${process.pid}.log`);
  const error = await failure(bootVm({ kernelImage: imagePath, logPath, timeouts: { bootMs: 100 } }));
  assert.equal(error.code, 'ORD-605');
  assert.match(error.message, /within 0\.1 s; its console log is .*ordeal-slow/);
  assert.equal(await processesWith(logPath), 0);
  await rm(logPath, { force: true });
});

test('a guest that panics reports the reason', async () => {
  const { imagePath } = await buildKernel();
  const error = await failure(bootVm({ kernelImage: imagePath, kernelArguments: ['root=nowhere'] }));
  assert.equal(error.code, 'ORD-605');
  assert.match(error.detail.at(-1) ?? '', /Kernel panic - not syncing: VFS: Unable to mount root/);
});

test('a missing image and an invalid one are refused', async () => {
  assert.equal((await failure(bootVm({ kernelImage: '/no/such/image' }))).code, 'ORD-607');
  const path = join(tmpdir(), `ordeal-no-kernel-${process.pid}`);
  await writeFile(path, 'not a kernel');
  const error = await failure(bootVm({ kernelImage: path, timeouts: { bootMs: 3000 } }));
  assert.equal(error.code, 'ORD-605');
  await rm(path);
});

test('a shared root without the guest files is refused', async () => {
  const { imagePath } = await buildKernel();
  assert.equal((await failure(bootVm({ kernelImage: imagePath, shareRoot: '/proc' }))).code, 'ORD-611');
});

test('kill -9 of the owner leaves no VM behind', async () => {
  const { imagePath } = await buildKernel();
  const logPath = join(tmpdir(), `ordeal-orphan-${process.pid}.log`);
  const script = `
    import { bootVm } from ${JSON.stringify(new URL('./boot-vm.js', import.meta.url).href)};
    await bootVm(${JSON.stringify({ kernelImage: imagePath, logPath })});
    console.log('up');`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  assert.ok((await processesWith(logPath)) > 0);
  owner.kill('SIGKILL');
  await once(owner, 'close');
  const limit = Date.now() + 120_000;
  while ((await processesWith(logPath)) > 0 && Date.now() < limit) await delay(20);
  assert.equal(await processesWith(logPath), 0);
  await rm(logPath, { force: true });
});

test('with counted instructions the guest still boots and runs', async () => {
  const { imagePath } = await buildKernel();
  await using vm = await bootVm({ kernelImage: imagePath, icount: { shift: 1 } });
  assert.equal(vm.accelerator, 'tcg');
  assert.deepEqual(await vm.run(['sh', '-c', 'exit $(nproc)']), { exitCode: 1 });
});
