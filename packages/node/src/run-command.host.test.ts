import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import { readProcessState } from '@ordeal/linux';
import { findProgram, requireProgram } from './program-file.js';
import { RunningCommand } from './run-command.js';

const programOf = (pid: number) => readlinkSync(`/proc/${pid}/exe`);
const sleepProgram = realpathSync(findProgram('sleep') ?? '');

test('a command is held after its exec, untraced, and then runs to its own end', async () => {
  const command = await RunningCommand.start(['sleep', '600'], { halt: 'after exec' });
  assert.equal(programOf(command.pid), sleepProgram);
  // The stop signal takes effect before the first instruction.
  while (readProcessState(command.pid) !== 'T') await new Promise((resolve) => setImmediate(resolve));
  assert.match(readFileSync(`/proc/${command.pid}/status`, 'utf8'), /^TracerPid:\t0$/m);
  command.continue();
  command.kill('SIGTERM');
  assert.deepEqual(await command.ended, { exitCode: undefined, signal: 'SIGTERM' });
});

test('a held command keeps its exit status', async () => {
  for (const halt of ['before exec', 'after exec'] as const) {
    const command = await RunningCommand.start(['sh', '-c', 'exit 7'], { halt });
    command.continue();
    assert.deepEqual(await command.ended, { exitCode: 7, signal: undefined });
  }
});

test('a command is held before its exec', async () => {
  const command = await RunningCommand.start(['sleep', '600'], { halt: 'before exec' });
  assert.notEqual(programOf(command.pid), sleepProgram);
  command.kill('SIGKILL');
  await command.ended;
});

test('a file that cannot be executed is refused, before or at the exec', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-command-'));
  const file = join(directory, 'program');
  try {
    const refused = (name: string, reason: RegExp) =>
      assert.throws(
        () => requireProgram(name),
        (error) => error instanceof OrdealError && error.code === 'ORD-303' && reason.test(error.message),
      );
    refused(file, /there is no such file/);
    refused('ordeal-no-such-program', /no such program in the PATH/);
    refused('', /no such program/);
    refused(directory, /it is not a file/);
    writeFileSync(file, '#!/ordeal-no-such-interpreter\n');
    refused(file, /not executable/);
    chmodSync(file, 0o755);
    requireProgram(file);
    await assert.rejects(
      RunningCommand.start([file], { halt: 'after exec' }),
      (error) => error instanceof OrdealError && error.code === 'ORD-303',
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a held command does not outlive its holder', async () => {
  for (const halt of ['before exec', 'after exec'] as const) {
    const module = JSON.stringify(new URL('./run-command.js', import.meta.url).href);
    const program = `
      const { RunningCommand } = await import(${module});
      const command = await RunningCommand.start(['sleep', '600'], { halt: '${halt}' });
      process.stdout.write(String(command.pid));
      setInterval(() => undefined, 1000);`;
    // In the process group of this test, which the kernel does not continue when its leader dies.
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(holder.stdout, 'data');
    const pid = Number(line);
    const state = () => readProcessState(pid);
    while (state() !== 'T') await new Promise((resolve) => setImmediate(resolve));
    holder.kill('SIGKILL');
    while (state() !== undefined && state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
