import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OrdealError, ProblemsError } from '@ordeal/diagnostics';
import { parseDocuments } from '@ordeal/experiment';
import { KeeperProcess } from '@ordeal/io-chaos';
import { leakedFds, StructWriter, SYS, syscall, traceFds } from '@ordeal/linux';
import type { RunEvent } from './run-event.js';
import { runExperiments } from './run-experiments.js';
import type { RunRequest, TargetChoice } from './run-request.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

const kernelChaos = (spec: string, name = 'sample') => `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata:
  name: ${name}
spec:
  mode: one
  selector:
    labelSelectors: { app: web }
${spec.replace(/^/gm, '  ')}
`;
const UNDER_MOUNT = 'failKernRequest: { failtype: 0, callchain: [{ funcname: __x64_sys_mount }] }';

interface Ran {
  readonly exitCode: number;
  readonly events: RunEvent[];
}

/** Runs a document and collects its events. */
async function run(yaml: string, target: TargetChoice, more: Partial<RunRequest> = {}): Promise<Ran> {
  const { experiments, problems } = parseDocuments(yaml, 'test.yaml');
  assert.ok(problems.every((problem) => problem.severity !== 'error'));
  const events: RunEvent[] = [];
  const { exitCode } = await runExperiments({
    experiments,
    target,
    mechanism: undefined,
    before: 0n,
    withExec: false,
    requireFaults: false,
    outputToError: false,
    duration: undefined,
    after: undefined,
    inLab: true,
    faults: false,
    interval: 200,
    keeper: new KeeperProcess(tmpdir()),
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { exitCode, events };
}

const lifted = (events: RunEvent[]) => events.flatMap((event) => (event.type === 'lifted' ? [event] : []));
const shell = (script: string): TargetChoice => ({ kind: 'command', command: ['sh', '-c', script] });
/** mount(8) of nothing: 32 if it failed in the usual way, with the reason on stderr. */
const tryMount = 'mount -t tmpfs none /nonexistent 2>&1';

test('a command fails while it is the target; its exit code is returned, its cgroup removed', async () => {
  const { exitCode, events } = await run(
    kernelChaos(UNDER_MOUNT),
    shell(`${tryMount} | grep -q memory && exit 7`),
  );
  assert.equal(exitCode, 7);
  const started = events.find((event) => event.type === 'command-started');
  assert.ok(started?.cgroup !== undefined && !existsSync(started.cgroup));
  const [end] = lifted(events);
  assert.equal(end?.reason, 'command ended');
  assert.ok((end?.counters.fired ?? 0n) >= 1n);
  assert.ok(end?.sites.some(({ stack }) => stack[0] === '__x64_sys_mount'));
  // Without the kernel's process events, a child is seen only if it lives long enough to be listed.
  const sometimes = ['counters', 'processes-ended'];
  assert.deepEqual(
    events.map((event) => event.type).filter((type) => !sometimes.includes(type)),
    [
      ...['command-started', 'arming', 'armed', 'run-started'],
      ...['lifted', 'kernel-log-clean', 'command-ended', 'run-ended'],
    ],
  );
});

test('faults begin after the exec of the command, or with it on request', async () => {
  const underExec = 'failKernRequest: { failtype: 0, callchain: [{ funcname: __x64_sys_execve }] }';
  const command: TargetChoice = { kind: 'command', command: ['sleep', '0.1'] };
  const after = await run(kernelChaos(underExec), command);
  assert.equal(after.exitCode, 0);
  assert.equal(lifted(after.events)[0]?.counters.inChain, 0n);
  const withExec = await run(kernelChaos(underExec), command, { withExec: true });
  assert.notEqual(withExec.exitCode, 0);
  assert.ok((lifted(withExec.events)[0]?.counters.fired ?? 0n) >= 1n);
});

test('a command that does not exist is refused before anything is armed', async () => {
  const events: RunEvent[] = [];
  const missing: TargetChoice = { kind: 'command', command: ['/nonexistent'] };
  await assert.rejects(
    run(kernelChaos(UNDER_MOUNT), missing, { onEvent: (event) => events.push(event) }),
    (error) => error instanceof OrdealError && error.code === 'ORD-303',
  );
  assert.deepEqual(events, []);
});

test('faults begin after --before, end at the duration, and --after ends the command', async () => {
  const log = join(mkdtempSync('/tmp/ordeal-run-'), 'log');
  const loop = `while :; do ${tryMount} | grep -o -e memory -e directory -e exist >> ${log}; sleep 0.1; done`;
  const second = 1_000_000_000n;
  const timing = { before: second, duration: 2n * second, after: second };
  const { exitCode, events } = await run(kernelChaos(UNDER_MOUNT), shell(loop), timing);
  assert.equal(exitCode, 0);
  assert.equal(lifted(events)[0]?.reason, 'duration');
  const words = readFileSync(log, 'utf8').trim().split('\n');
  const first = words.indexOf('memory');
  const last = words.lastIndexOf('memory');
  assert.ok(first > 0, 'the ordinary error comes before');
  assert.ok(last < words.length - 1, 'and after');
});

test('each fault is reported on request', async () => {
  const { events } = await run(kernelChaos(UNDER_MOUNT), shell(`${tryMount}; ${tryMount}`), { faults: true });
  const faults = events.flatMap((event) => (event.type === 'fault' ? [event] : []));
  assert.equal(BigInt(faults.length), lifted(events)[0]?.counters.fired);
  assert.ok(faults.length >= 2);
  assert.ok(
    faults.every(({ command, process: pid, target }) => command === 'mount' && pid > 1 && target === 0),
  );
});

test('a signal lifts the faults and ends the command', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1_000);
  const { exitCode, events } = await run(kernelChaos(UNDER_MOUNT), shell('sleep 60'), {
    signal: controller.signal,
  });
  assert.equal(exitCode, 130);
  assert.equal(lifted(events)[0]?.reason, 'interrupted');
});

test('a fault that never happened has the counters that explain it', async () => {
  const chain = 'failKernRequest: { failtype: 0, callchain: [{ funcname: __x64_sys_swapon }] }';
  const { events } = await run(kernelChaos(chain), shell('true'));
  const [end] = lifted(events);
  assert.ok(end?.faults.kind === 'kernel' && end.faults.innermost === '__x64_sys_swapon');
  assert.ok(end.counters.reached > 0n);
  assert.equal(end.counters.inChain, 0n);
});

test('a function that this kernel lacks is a problem with a position, and nothing is touched', async () => {
  const chain = 'failKernRequest: { failtype: 0, callchain: [{ funcname: ext4_mount }] }';
  const marker = join(mkdtempSync('/tmp/ordeal-run-'), 'ran');
  await assert.rejects(run(kernelChaos(chain), shell(`touch ${marker}`)), (error: unknown) => {
    assert.ok(error instanceof ProblemsError);
    const [problem] = error.problems;
    assert.match(problem?.message ?? '', /no function 'ext4_mount'/);
    assert.match(problem?.hint ?? '', /did you mean \w+/);
    assert.ok((problem?.place.line ?? 0) > 8);
    return true;
  });
  assert.equal(existsSync(marker), false);
});

test('a schedule starts its experiment repeatedly', async () => {
  const schedule = `apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata:
  name: often
spec:
  schedule: "@every 2s"
  type: KernelChaos
  kernelChaos:
    mode: one
    duration: 500ms
    selector: { namespaces: [default] }
    failKernRequest: { failtype: 0, probability: 1, callchain: [{ funcname: __x64_sys_mount }] }
`;
  const { events } = await run(schedule, shell('sleep 7'));
  const whole = lifted(events).filter(({ reason }) => reason === 'duration');
  assert.ok(whole.length >= 2, `${whole.length} whole runs`);
});

test('two documents at once keep their own counts', async () => {
  const both = `${kernelChaos(UNDER_MOUNT, 'one')}---\n${kernelChaos('failKernRequest: { failtype: 2 }', 'two')}`;
  const { events } = await run(both, shell(tryMount));
  const [one, two] = [...lifted(events)].sort((a, b) => a.experiment.localeCompare(b.experiment));
  assert.ok((one?.counters.fired ?? 0n) >= 1n);
  assert.equal(two?.counters.fired, 0n);
});

test('a running container is a target by its id and by its labels', async (context) => {
  const bundle = mkdtempSync('/tmp/ordeal-bundle-');
  mkdirSync(join(bundle, 'rootfs/bin'), { recursive: true });
  copyFileSync('/bin/busybox', join(bundle, 'rootfs/bin/busybox'));
  execFileSync('runc', ['spec'], { cwd: bundle });
  const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
  // Each iteration reads a directory through a pipe: slab allocations, whether they fail or not.
  config.process.args = [
    '/bin/busybox',
    'sh',
    '-c',
    'while :; do busybox ls / | busybox cat; busybox sleep 0.05; done',
  ];
  config.process.terminal = false;
  config.annotations = { app: 'web' };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  execFileSync('runc', ['run', '-d', 'ordeal-web'], { cwd: bundle, stdio: 'ignore' });
  context.after(() => {
    execFileSync('runc', ['delete', '-f', 'ordeal-web']);
  });
  const counting = kernelChaos('duration: 2s\nfailKernRequest: { failtype: 0, probability: 0 }');
  for (const target of [{ kind: 'container', id: 'ordeal-web' }, { kind: 'selector' }] as const) {
    const { events } = await run(counting, target);
    assert.ok((lifted(events)[0]?.counters.reached ?? 0n) > 0n, target.kind);
  }
  const others = counting.replace('app: web', 'app: db');
  await assert.rejects(run(others, { kind: 'selector' }), (error: unknown) => {
    return (
      error instanceof OrdealError && error.code === 'ORD-305' && /running: ordeal-web/.test(error.message)
    );
  });
});

test('if an experiment cannot be lifted, no other stays armed, and the run fails', async () => {
  const controller = new AbortController();
  const events: RunEvent[] = [];
  const documents = [kernelChaos(UNDER_MOUNT, 'broken'), kernelChaos(UNDER_MOUNT, 'sound')].join('---\n');
  const onEvent = (event: RunEvent) => {
    events.push(event);
    if (event.type !== 'armed') return;
    if (event.experiment === 'broken') freezeControl();
    else controller.abort();
  };
  const ended = run(documents, shell('sleep 1000'), { signal: controller.signal, onEvent });
  await assert.rejects(ended, /EPERM/);
  assert.deepEqual(
    lifted(events)
      .map(({ experiment }) => experiment)
      .sort(),
    ['broken', 'sound'],
  );
  assert.deepEqual(bpfDescriptors(), []);
});

/** Makes the map that holds the deadline refuse every update. */
function freezeControl(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    let info = '';
    try {
      info = readFileSync(`/proc/self/fdinfo/${name}`, 'latin1');
    } catch {
      // The descriptor by which the directory was listed.
    }
    if (!/^map_type:\t2$/m.test(info) || !/^value_size:\t16$/m.test(info)) continue;
    // BPF_MAP_FREEZE of include/uapi/linux/bpf.h, Linux 5.2
    syscall('bpf(MAP_FREEZE)', SYS.bpf, 22, new StructWriter(4).u32(0, Number(name)).bytes, 4);
  }
}

/** What the kernel keeps for armed programs. */
function bpfDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${name}`);
      return /bpf|perf_event/.test(target) ? [target] : [];
    } catch {
      return [];
    }
  });
}
