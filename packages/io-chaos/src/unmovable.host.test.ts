import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { FIXTURES } from '@ordeal/move/testing';
import { IoInjection } from './owner/io-injection.js';
import { KeeperProcess } from './owner/keeper-process.js';
import { planInjection } from './owner/plan-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';
import { eventually } from './testing/target.js';
import { whereabouts } from './testing/whereabouts.js';
import { type WorkingProgram, Workload } from './testing/workload.js';

const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const keeper = new KeeperProcess(run);
after(async () => {
  await keeper.close();
  rmSync(run, { recursive: true });
});

/** Processes that cannot be moved, one that looks so, and the holder, which has nothing open there. */
class Crowd {
  readonly workload = new Workload();
  readonly traced: WorkingProgram;
  readonly narrow: WorkingProgram;
  readonly sealed: WorkingProgram;
  readonly tracer: number;

  constructor() {
    const { workload } = this;
    const build = (name: string, ...flags: string[]) => {
      const program = join(workload.directory, `${name}.program`);
      execFileSync('gcc', ['-O1', ...flags, '-o', program, join(FIXTURES, `${name}.c`)]);
      return program;
    };
    const narrow = build('narrow', '-m32', '-nostdlib', '-static', '-no-pie', '-fno-stack-protector');
    const sealed = build('sealed');
    this.narrow = workload.start('narrow', (directory) => `${narrow} ${directory}/log`);
    this.sealed = workload.start('sealed', (directory) => `${sealed} ${directory}/log`);
    this.traced = workload.start('traced', (directory) => `${sealed} ${directory}/log`);
    this.tracer = workload.start('tracer', () => `strace -qq -o /dev/null -p ${this.traced.pid}`).pid;
  }

  async ready(): Promise<void> {
    const tracer = () =>
      /^TracerPid:\s*(\d+)/m.exec(readFileSync(`/proc/${this.traced.pid}/status`, 'utf8'))?.[1];
    await eventually(
      'all write, one is traced',
      () => tracer() === String(this.tracer) && this.sizes().every((size) => size > 0),
    );
  }

  sizes(): number[] {
    return [this.narrow, this.sealed, this.traced].map(({ directory }) => {
      const log = join(directory, 'log');
      return existsSync(log) ? statSync(log).size : 0;
    });
  }

  /** All write on. */
  async assertAlive(): Promise<void> {
    const before = this.sizes();
    await eventually('all write on', () => this.sizes().every((size, index) => size > (before[index] ?? 0)));
  }

  whereabouts() {
    const { holder, volume } = this.workload;
    return whereabouts(holder, this.workload.processes(), volume);
  }

  arm(pid: number) {
    const volumePath = this.workload.volume;
    const spec = {
      action: 'fault',
      errno: 5,
      methods: ['getxattr'],
      percent: 100,
      volumePath,
    } as unknown as IOChaosSpec;
    const rules = [{ spec, duration: undefined }];
    return IoInjection.arm({ keeper, volumePath, rules, pid, note: (line) => assert.fail(line) });
  }
}

test('what cannot be moved is listed before anything is touched, and left alone', async () => {
  const crowd = new Crowd();
  try {
    await crowd.ready();
    const { workload, narrow, sealed, traced, tracer } = crowd;
    const isTraced = `is traced by process ${tracer}`;
    const plan = await planInjection(run, workload.holder, workload.volume);
    const refused = Object.fromEntries(plan.processes.map((each) => [each.pid, each.refused]));
    assert.deepEqual(refused, {
      [narrow.pid]: 'is a 32-bit program',
      [sealed.pid]: undefined,
      [traced.pid]: isTraced,
    });
    assert.deepEqual([crowd.whereabouts().covered, crowd.whereabouts().strays], [false, []]);

    const injection = await crowd.arm(workload.holder);
    try {
      const left = Object.fromEntries((injection.report?.left ?? []).map((each) => [each.pid, each.reason]));
      assert.deepEqual(left, { [narrow.pid]: 'is a 32-bit program', [traced.pid]: isTraced });
      assert.deepEqual(
        injection.report?.processes.map(({ pid }) => pid),
        [sealed.pid],
      );
      const { covered, strays } = crowd.whereabouts();
      assert.ok(covered);
      assert.equal(strays.length, 2);
      await crowd.assertAlive();
    } finally {
      await injection.recover();
    }
    assert.deepEqual(injection.left, []);
    assert.deepEqual([crowd.whereabouts().covered, crowd.whereabouts().strays], [false, []]);
    await crowd.assertAlive();
  } finally {
    await crowd.workload.close();
  }
});

test('a target that cannot be moved is refused, and nothing was touched', async () => {
  const crowd = new Crowd();
  try {
    await crowd.ready();
    for (const [{ pid }, reason] of [
      [crowd.narrow, 'is a 32-bit program'],
      [crowd.traced, `is traced by process ${crowd.tracer}`],
    ] as const) {
      await assert.rejects(crowd.arm(pid), {
        code: 'ORD-712',
        message: `process ${pid} cannot be moved: it ${reason}`,
      });
      assert.deepEqual([crowd.whereabouts().covered, crowd.whereabouts().strays], [false, []]);
    }
    assert.deepEqual(readdirSync(join(run, 'io')), []);
    assert.equal(readlinkSync(`/proc/${crowd.sealed.pid}/fd/3`), join(crowd.sealed.directory, 'log'));
    await crowd.assertAlive();
  } finally {
    await crowd.workload.close();
  }
});

test('a target that has registered files with io_uring is refused, and nothing was touched', async () => {
  const target = new PuppetTarget();
  try {
    // io_uring_setup(2) and io_uring_register(2) with IORING_REGISTER_FILES.
    const ring = await target.run(`
file = os.open(volume + "/file", os.O_RDWR | os.O_CREAT)
ring = libc.syscall(425, 8, ctypes.create_string_buffer(120)); assert ring >= 0
assert libc.syscall(427, ring, 2, (ctypes.c_int * 1)(file), 1) == 0
os.close(file); result = ring
`);
    const what = `${target.volume}/file in the io_uring of descriptor ${ring}`;
    const plan = await planInjection(run, target.pid, target.volume);
    assert.deepEqual(
      plan.processes.flatMap(({ left }) => left.map((each) => each.what)),
      [what],
    );
    const { volume: volumePath, pid } = target;
    const faults = { action: 'fault', errno: 5, methods: [], percent: 100, volumePath };
    const spec = faults as unknown as IOChaosSpec;
    const rules = [{ spec, duration: undefined }];
    await assert.rejects(
      IoInjection.arm({ keeper, volumePath, rules, pid, note: (line) => assert.fail(line) }),
      (error: Error) => error.message.includes(`process ${pid} cannot be moved: ${what}`),
    );
    assert.equal(target.covered, false);
  } finally {
    target.close();
  }
});
