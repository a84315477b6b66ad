import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { abortConnection } from '@ordeal/fuse';
import { eventually } from '../testing/eventually.js';
import { HostWriter, type HostWriterOptions } from '../testing/host-writer.js';
import { ioChaos, OrdealRun } from '../testing/ordeal-run.js';

const badWrites = (volume: string) =>
  ioChaos(`action: fault\nerrno: EIO\nmethods: [write]\npercent: 50\nvolumePath: '${volume}'`);

interface Scene {
  readonly writer: HostWriter;
  /** Starts `ordeal run` on the writer; nothing may be left of it in the end. */
  readonly inject: (document: string, flags?: readonly string[], wrapper?: readonly string[]) => OrdealRun;
}

async function withWriter(body: (scene: Scene) => Promise<void>, options: HostWriterOptions = {}) {
  const writer = new HostWriter(options);
  const runs: OrdealRun[] = [];
  try {
    if (options.program === undefined) await eventually('it writes', () => writer.lines() > 10);
    await body({
      writer,
      inject(document, flags = [], wrapper = []) {
        const run = new OrdealRun(document, ['--pid', String(writer.pid), ...flags], wrapper);
        runs.push(run);
        return run;
      },
    });
    for (const run of runs) {
      await run.ended;
      await run.assertNothingLeft();
    }
  } finally {
    for (const run of runs) run.close();
    writer.close();
  }
}

async function assertRefused(run: OrdealRun, code: string, message: RegExp): Promise<void> {
  assert.equal(await run.ended, 1, run.text);
  const [error] = run.all('error');
  assert.equal(error?.code, code, run.text);
  assert.match(String(error?.message), message);
  assert.deepEqual(run.all('armed'), []);
  assert.deepEqual(run.all('kernel-log-clean'), []);
}

/** Runs ordeal in a mount namespace of its own, after some shell commands. */
const inNamespace = (commands: string) => [
  ...['unshare', '--mount', '--propagation', 'private'],
  ...['sh', '-c', `set -e; ${commands}; exec "$@"`, 'sh'],
];

test('somebody else’s FUSE file system is refused in words, even if its server hangs', () =>
  withWriter(
    async ({ writer, inject }) => {
      await assertRefused(
        inject(badWrites(writer.volume)),
        'ORD-711',
        /is on a FUSE file system \(fuse\) already/,
      );
    },
    {
      setUp: `exec 3<>/dev/fuse
        mount -i -t fuse -o fd=3,rootmode=40755,user_id=0,group_id=0 other "$VOLUME"`,
      program: 'sleep 1000',
    },
  ));

test('a volume around that of another run is refused, and the run is named', () =>
  withWriter(
    async ({ writer, inject }) => {
      const first = inject(badWrites(writer.volume));
      await first.told('armed');
      const around = badWrites(dirname(writer.volume));
      const second = inject(around, [], ['env', `ORDEAL_RUN=${first.state}`]);
      const named =
        /is under the I\/O experiment of process \d+ \(ordeal run .* --pid \d+\), since \d{4}-\d\d-\d\dT[\d:]{8}Z$/;
      await assertRefused(second, 'ORD-711', named);
      first.signal('SIGINT');
      assert.equal(await first.ended, 0, first.text);
    },
    { volume: 'outer/data' },
  ));

test('a full disk: the errors of the file system itself are passed on, and no line is lost', () =>
  withWriter(
    async ({ writer, inject }) => {
      writer.run('cat /dev/zero >"$VOLUME/filler" 2>/dev/null || true');
      await eventually('the disk is full', () => 'write ENOSPC' in writer.notes());
      const run = inject(badWrites(writer.volume));
      await run.told('armed');
      writer.notes();
      await eventually('both errors', () => {
        const { 'write ENOSPC': full = 0, 'write EIO': bad = 0, ...others } = writer.notes();
        assert.deepEqual(others, {});
        return full > 0 && bad > 0;
      });
      writer.run('rm "$VOLUME/filler"');
      await eventually('writes work again', () => {
        const { 'write ENOSPC': full = 0, 'write EIO': bad = 0 } = writer.notes();
        return full === 0 && bad > 0;
      });
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
      await writer.assertBare();
    },
    { setUp: 'mount -t tmpfs -o size=1m none "$VOLUME"' },
  ));

test('a read-only file system: reads are damaged, writes answer EROFS as before', () =>
  withWriter(
    async ({ writer, inject }) => {
      const reads = 'action: fault\nerrno: EUCLEAN\nmethods: [read]\nduration: 2s\nvolumePath: ';
      const run = inject(ioChaos(`${reads}'${writer.volume}'`));
      await run.told('armed');
      assert.throws(() => writer.run('cat "$VOLUME/kept"'), /Structure needs cleaning/);
      assert.throws(() => writer.run('echo >>"$VOLUME/kept"'), /Read-only file system/);
      assert.throws(() => writer.run('touch "$VOLUME/new"'), /Read-only file system/);
      assert.equal(await run.ended, 0, run.text);
      assert.equal(writer.run('cat "$VOLUME/kept"'), 'kept\n');
      assert.equal(writer.covered, false);
    },
    {
      setUp: 'mount -t tmpfs none "$VOLUME"; echo kept >"$VOLUME/kept"; mount -o remount,ro "$VOLUME"',
      program: 'sleep 1000 <"$VOLUME/kept"',
    },
  ));

for (const [name, options] of [
  ['full', 'size=4k'],
  ['read-only', 'ro'],
] as const) {
  test(`no journal can be written since /run is ${name}: nothing is touched`, () =>
    withWriter(async ({ writer, inject }) => {
      const fill = name === 'full' ? '; cat /dev/zero >"$ORDEAL_RUN/filler" 2>/dev/null || true' : '';
      const wrapper = inNamespace(`mount -t tmpfs -o ${options} none "$ORDEAL_RUN"${fill}`);
      const run = inject(badWrites(writer.volume), [], wrapper);
      await assertRefused(run, 'ORD-715', /ENOSPC|EROFS/);
      await writer.assertBare();
    }));
}

for (const [name, commands, errno] of [
  ['is missing', 'mount -t tmpfs none /dev; mknod -m 666 /dev/null c 1 3', 'ENOENT'],
  ['may not be opened', 'mount --bind /dev/fuse /dev/fuse; mount -o remount,bind,nodev /dev/fuse', 'EACCES'],
] as const) {
  test(`/dev/fuse ${name}: nothing is touched`, () =>
    withWriter(async ({ writer, inject }) => {
      const run = inject(badWrites(writer.volume), [], inNamespace(commands));
      await assertRefused(run, 'ORD-701', new RegExp(errno));
      await writer.assertBare();
    }));
}

test('the connection is aborted by somebody: all is moved back, and the run says that it failed', () =>
  withWriter(async ({ writer, inject }) => {
    const run = inject(badWrites(writer.volume));
    await run.told('armed');
    // A page of its mapping that it has not touched since it was moved could only be answered with SIGBUS.
    const before = writer.size;
    await eventually('it touches its mapping', () => writer.size > before + 100);
    abortConnection(connectionOver(writer));
    assert.equal(await run.ended, 3, JSON.stringify(run.events));
    assert.equal(run.all('lifted')[0]?.reason, 'failed');
    // A write that was done when the connection ended is answered with ECONNABORTED, and done again.
    await writer.assertBare(() => writer.size);
  }));

/** The FUSE connection has the number of the device, which is anonymous: its minor number. */
function connectionOver(writer: HostWriter): number {
  const [cover] = writer.covers;
  return Number(/ 0:(\d+) /.exec(cover ?? '')?.[1]);
}

test('the target ends while faults last: the run ends, too', () =>
  withWriter(async ({ writer, inject }) => {
    const run = inject(badWrites(writer.volume));
    await run.told('armed');
    writer.kill();
    assert.equal(await run.ended, 0, run.text);
    assert.equal(run.all('lifted')[0]?.reason, 'target ended');
    const [ended] = run.all('process-ended');
    assert.deepEqual([ended?.pid, ended?.signal], [writer.pid, 'SIGKILL'], run.text);
  }));

for (const stage of ['the journal is written', 'the volume is covered'] as const) {
  test(`the target ends when ${stage}: the run ends in words`, () =>
    withWriter(async ({ writer, inject }) => {
      const run = inject(badWrites(writer.volume));
      await eventually(stage, () => {
        const journals = entries(join(run.state, 'io')).filter((name) => name.endsWith('.json'));
        if (stage === 'the journal is written') return journals.length > 0;
        return writer.covered;
      });
      writer.kill();
      const code = await run.ended;
      // It may have been too quick.
      if (run.all('armed').length > 0) assert.equal(run.all('lifted')[0]?.reason, 'target ended');
      else {
        assert.equal(code, 1, run.text);
        assert.match(String(run.all('error')[0]?.message), /has ended before the faults were armed/);
      }
    }));
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
