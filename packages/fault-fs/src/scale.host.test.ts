import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { compilePosixProgram } from './conformance/index.js';
import { ServedVolume } from './testing/served-volume.js';

const FILES = 100_000;
const TOUCHED = 15_000;

const MOVING = 'a large directory: telldir, seekdir and rewinddir while entries come and go';

/** A client of its own: the test's process would otherwise stand still for seconds. */
async function client(script: string, ...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const guard = setTimeout(() => child.kill('SIGKILL'), 300_000);
  await once(child, 'close');
  clearTimeout(guard);
  return output;
}

test('a directory of 100 000 entries, many of them touched and then forgotten', async () => {
  const volume = await ServedVolume.start('/dev/shm', { maxPathDescriptors: 1000 });
  try {
    for (let index = 0; index < FILES; index++) fs.writeFileSync(`${volume.original}/file-${index}`, '');
    const before = await volume.command('status');
    const script = `
      import * as fs from 'node:fs';
      const d = process.argv[1];
      const names = fs.readdirSync(d);
      for (const name of names.slice(0, ${TOUCHED})) fs.lstatSync(d + '/' + name);
      console.log(new Set(names).size);`;
    assert.equal(await client(script, volume.mounted), `${FILES}\n`);
    const touched = await volume.command('status');
    assert.ok(touched.nodes > 1000, `${touched.nodes} nodes`);
    assert.ok(touched.pathDescriptors <= 1000);
    // What the kernel remembers it forgets when it is told to drop its caches.
    fs.writeFileSync('/proc/sys/vm/drop_caches', '2');
    await volume.until(({ nodes }) => nodes <= before.nodes + 10);
    const forgotten = await volume.command('status');
    assert.ok(forgotten.pathDescriptors <= forgotten.nodes);
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
  }
});

test('100 000 entries are read with seekdir and telldir while many of them go, as on the bare directory', async () => {
  const scratch = fs.mkdtempSync('/dev/shm/ordeal-scale-');
  const volume = await ServedVolume.start('/dev/shm', { unmatched: 'direct' });
  try {
    const program = compilePosixProgram(scratch);
    const env = { ...process.env, ORDEAL_ENTRIES: String(FILES) };
    const run = promisify(execFile);
    const see = async (cwd: string) => (await run(program, ['run', MOVING], { cwd, env })).stdout;
    fs.mkdirSync(`${scratch}/bare`);
    assert.equal(await see(volume.mounted), await see(`${scratch}/bare`));
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
    fs.rmSync(scratch, { recursive: true });
  }
});
