import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { bootVm } from './boot-vm.js';
import { buildKernel } from './build-kernel.js';
import type { RunOptions, RunResult, Vm } from './vm.js';

let vm: Vm;

before(async () => {
  const { imagePath } = await buildKernel();
  vm = await bootVm({ kernelImage: imagePath, disks: [{ sizeMiB: 64 }, { sizeMiB: 32 }] });
});

after(() => vm?.shutdown());

/** Runs a shell command and collects its output. */
async function shell(command: string, options: RunOptions = {}) {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const onStdout = (chunk: Buffer): void => void out.push(chunk);
  const onStderr = (chunk: Buffer): void => void err.push(chunk);
  const result: RunResult = await vm.run(['sh', '-c', command], { onStdout, onStderr, ...options });
  return { ...result, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

test('exit codes are exact, and signals are not exit codes', async () => {
  assert.deepEqual(await vm.run(['true']), { exitCode: 0 });
  assert.deepEqual(await vm.run(['sh', '-c', 'exit 255']), { exitCode: 255 });
  assert.deepEqual(await vm.run(['sh', '-c', 'exit 143']), { exitCode: 143 });
  assert.deepEqual(await vm.run(['sh', '-c', 'kill -SEGV $$']), { signal: 'SIGSEGV' });
});

test('standard output and standard error stay separate, also when opened by name', async () => {
  const { stdout, stderr } = await shell(
    'echo one; echo two >&2; echo three > /dev/stdout; echo four > /dev/stderr',
  );
  assert.equal(stdout.toString(), 'one\nthree\n');
  assert.equal(stderr, 'two\nfour\n');
});

test('arguments, directory and environment are passed unchanged, nothing else is', async () => {
  process.env.ORDEAL_TEST_LEAK = '1';
  const command = 'pwd; echo "$A|$ORDEAL_TEST_LEAK|$LANG|"';
  const { stdout } = await shell(command, { cwd: '/usr/share', env: { A: "a b='c'\n", LANG: undefined } });
  assert.equal(stdout.toString(), "/usr/share\na b='c'\n|||\n");
});

test('a program that does not exist ends with 127 and a reason', async () => {
  const err: string[] = [];
  const result = await vm.run(['/no/such/program'], { onStderr: (chunk) => err.push(chunk.toString()) });
  assert.deepEqual(result, { exitCode: 127 });
  assert.match(err.join(''), /cannot run \/no\/such\/program: No such file/);
});

test('a megabyte of bytes goes in and comes out unchanged', async () => {
  const bytes = randomBytes(1 << 20);
  const { stdout } = await shell('cat', { stdin: bytes });
  assert.equal(stdout.length, bytes.length);
  assert.equal(sha256(stdout), sha256(bytes));
});

test('input that is not read blocks nothing', async () => {
  assert.equal((await shell('exec <&-; sleep 0.1; exit 4', { stdin: Buffer.alloc(2 << 20) })).exitCode, 4);
});

test('output arrives while the command runs, and a signal reaches its whole group', async () => {
  let ready: () => void = () => {};
  const said = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const command = vm.start(['sh', '-c', 'echo ready; sleep 1000; exit 1'], { onStdout: () => ready() });
  await said;
  command.kill('SIGTERM');
  assert.deepEqual(await command.result, { signal: 'SIGTERM' });
  assert.equal((await shell('pgrep -x sleep')).stdout.toString(), '');
});

test('a signal to this process is forwarded while the command runs', async () => {
  const onStdout = (): boolean => process.kill(process.pid, 'SIGHUP');
  const trapping = 'trap "exit 9" HUP; echo ready; while :; do sleep 0.05; done';
  const result = await vm.run(['sh', '-c', trapping], { forwardSignals: true, onStdout });
  assert.deepEqual(result, { exitCode: 9 });
  assert.equal(process.listenerCount('SIGHUP'), 0);
});

test('a command beyond its time limit is killed', async () => {
  assert.deepEqual(await vm.run(['sleep', '1000'], { timeoutMs: 200 }), { signal: 'SIGKILL' });
});

test('commands run side by side, each with its own streams', async () => {
  const results = await Promise.all([1, 2, 3].map((n) => shell(`sleep 0.${n}; echo ${n}; exit ${n}`)));
  assert.deepEqual(
    results.map(({ exitCode, stdout }) => [exitCode, stdout.toString()]),
    [1, 2, 3].map((n) => [n, `${n}\n`]),
  );
});

test('a process that outlives its command is not waited for', async () => {
  // Waiting for it would exceed the tests' time limit.
  assert.equal((await shell('sleep 100000 & echo started')).stdout.toString(), 'started\n');
});

test('the guest has what experiments need', async () => {
  const { stdout } = await shell(
    'grep -c should_fail /sys/kernel/debug/error_injection/list; ls /sys/kernel/btf/vmlinux;' +
      'cat /sys/fs/cgroup/cgroup.subtree_control; cat /sys/block/vda/size /sys/block/vdb/size;' +
      'mkfs.ext4 -q /dev/vda && mount /dev/vda /mnt && echo data > /mnt/file && cat /mnt/file;' +
      'echo local > /etc/lab-only && cat /etc/lab-only; echo > /sys/kernel/tracing/kprobe_events && echo traced',
  );
  const lines = ['3', '/sys/kernel/btf/vmlinux', 'cpuset cpu io memory pids', '131072', '65536'];
  assert.deepEqual(stdout.toString().trim().split('\n'), [...lines, 'data', 'local', 'traced']);
});

test('when the VM ends, every command ends with an error', async () => {
  const error = await vm
    .run(['sh', '-c', 'echo b > /proc/sysrq-trigger; sleep 100'])
    .catch((reason) => reason);
  assert.ok(error instanceof OrdealError && error.code === 'ORD-608');
  await delay(0);
  await assert.rejects(vm.run(['true']), /the VM ended/);
  await vm.shutdown();
  await vm.shutdown();
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
