import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { withRules } from './testing/with-rules.js';

const code = (action: () => unknown): unknown => {
  try {
    return action() ?? 'done';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

/** Longer than any test: what ends before was not waited out. */
const FOR_EVER = 24 * 60 * 60_000;

test('a fault meets the named methods of the matching paths, and counts', () =>
  withRules(
    [
      { action: 'fault', path: '/data/log/.*', methods: ['read'], errno: 5 },
      { action: 'fault', path: '/data/.*', methods: ['mkdir', 'unlink'], errno: 28 },
    ],
    async (volume, d) => {
      fs.mkdirSync(`${volume.original}/log`);
      fs.writeFileSync(`${volume.original}/log/a`, 'log');
      assert.equal(
        code(() => fs.readFileSync(`${d}/log/a`)),
        'EIO',
      );
      assert.equal(
        code(() => fs.readFileSync(`${d}/file`, 'utf8')),
        'content',
      );
      assert.equal(
        code(() => fs.writeFileSync(`${d}/log/b`, 'x')),
        'done',
      );
      assert.equal(
        code(() => fs.mkdirSync(`${d}/new`)),
        'ENOSPC',
      );
      assert.equal(
        code(() => fs.unlinkSync(`${d}/file`)),
        'ENOSPC',
      );
      assert.ok(fs.existsSync(`${volume.original}/file`));
      const { counts } = await volume.command('status');
      assert.deepEqual(counts, [
        { reached: 1, fired: 1 },
        { reached: 2, fired: 2 },
      ]);
    },
  ));

test('the third fsync of a file fails, once', () =>
  withRules(
    [{ action: 'fault', path: '/data/file', methods: ['fsync'], errno: 5, trigger: { after: 2, times: 1 } }],
    async (volume, d) => {
      const fd = fs.openSync(`${d}/file`, 'r+');
      const syncs = [1, 2, 3, 4, 5].map(() => code(() => fs.fsyncSync(fd)));
      fs.closeSync(fd);
      assert.deepEqual(syncs, ['done', 'done', 'EIO', 'done', 'done']);
      assert.deepEqual((await volume.command('status')).counts, [{ reached: 5, fired: 1 }]);
    },
  ));

test('the path that counts is the one of the name that was used, and follows renames', () =>
  withRules([{ action: 'fault', path: '/data/bad/.*', methods: ['read'], errno: 5 }], (volume, d) => {
    fs.mkdirSync(`${d}/good`);
    fs.writeFileSync(`${d}/good/a`, 'text');
    const fd = fs.openSync(`${d}/good/a`, 'r');
    const read = () => code(() => fs.readSync(fd, Buffer.alloc(4), 0, 4, 0));
    assert.equal(read(), 4);
    fs.renameSync(`${d}/good`, `${d}/bad`);
    // The open file passes its data through; a new open of it meets the rule.
    assert.equal(
      code(() => fs.readFileSync(`${d}/bad/a`)),
      'EIO',
    );
    fs.closeSync(fd);
    const again = fs.openSync(`${d}/bad/a`, 'r');
    const readAgain = () => code(() => fs.readSync(again, Buffer.alloc(4), 0, 4, 0));
    assert.equal(readAgain(), 'EIO');
    fs.renameSync(`${d}/bad/a`, `${d}/a`);
    assert.equal(readAgain(), 4);
    fs.renameSync(`${d}/a`, `${d}/bad/a`);
    assert.equal(readAgain(), 'EIO');
    fs.unlinkSync(`${d}/bad/a`);
    assert.equal(readAgain(), 'EIO');
    fs.closeSync(again);
    assert.equal(volume.errors, '');
  }));

test('a hard link is judged by the name used', () =>
  withRules([{ action: 'fault', path: '/data/bad', methods: ['open'], errno: 13 }], (volume, d) => {
    fs.linkSync(`${volume.original}/file`, `${volume.original}/bad`);
    assert.equal(
      code(() => fs.readFileSync(`${d}/file`, 'utf8')),
      'content',
    );
    assert.equal(
      code(() => fs.readFileSync(`${d}/bad`)),
      'EACCES',
    );
    assert.equal(
      code(() => fs.readFileSync(`${d}/file`, 'utf8')),
      'content',
    );
  }));

test('a delay lasts as long as it says', () =>
  withRules([{ action: 'latency', methods: ['read'], milliseconds: 200 }], async (_, d) => {
    const begun = performance.now();
    assert.equal(await readFile(`${d}/file`, 'utf8'), 'content');
    assert.ok(performance.now() - begun >= 200);
  }));

test('a delay holds up nobody else', () =>
  withRules(
    [{ action: 'latency', path: '/data/slow', methods: ['read'], milliseconds: FOR_EVER }],
    async (volume, d) => {
      fs.writeFileSync(`${volume.original}/slow`, 'slow');
      const slow = readFile(`${d}/slow`, 'utf8');
      await volume.untilParked(1);
      for (let count = 0; count < 50; count++) assert.equal(await readFile(`${d}/file`, 'utf8'), 'content');
      assert.equal((await volume.command('status')).parked, 1);
      await volume.command('disable');
      assert.equal(await slow, 'slow');
    },
  ));

test('turning the rules off lets delayed requests go on at once, without fault', () =>
  withRules(
    [
      { action: 'latency', methods: ['read'], milliseconds: FOR_EVER },
      { action: 'fault', methods: ['read'], errno: 5 },
    ],
    async (volume, d) => {
      const reading = readFile(`${d}/file`, 'utf8');
      reading.catch(() => {}); // judged below, where it is awaited
      await volume.untilParked(1);
      await volume.command('disable');
      assert.equal(await reading, 'content');
    },
  ));

/** Once a signal has reached a request, the kernel lets nothing but a deadly one end the wait for its answer. */
async function untilSignalIsToldToServer(pid: number | undefined): Promise<void> {
  while (!/^State:\tD/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))) await setImmediate();
}

test('a delayed request waits through alarms and notices, but who is asked to end goes at once', () =>
  withRules([{ action: 'latency', methods: ['read'], milliseconds: FOR_EVER }], async (volume, d) => {
    const victim = spawn('cat', [`${d}/file`], { stdio: 'ignore' });
    await volume.untilParked(1);
    victim.kill('SIGKILL');
    await once(victim, 'exit');
    await volume.untilParked(0);
    const handled = spawn('perl', [
      '-e',
      "$SIG{USR1} = sub { }; $SIG{INT} = sub { exit 7 }; open(F, '<', $ARGV[0]); sysread(F, $x, 9); exit(0 + $!)",
      `${d}/file`,
    ]);
    await volume.untilParked(1);
    handled.kill('SIGUSR1');
    await untilSignalIsToldToServer(handled.pid);
    // The server has read the news of the signal before it reads this request.
    fs.statSync(d);
    assert.equal((await volume.command('status')).parked, 1);
    handled.kill('SIGINT');
    await once(handled, 'exit');
    assert.equal(handled.exitCode, 7);
    await volume.untilParked(0);
  }));

test('no call on a slow file ends with EINTR, and none is shorter', () =>
  withRules([{ action: 'latency', milliseconds: 120 }], (_, d) => {
    const script = `
      use Time::HiRes qw(setitimer ITIMER_REAL time); use Fcntl qw(:seek);
      $SIG{ALRM} = sub { $alarms++ }; setitimer(ITIMER_REAL, 0.01, 0.01);
      sub slow { my ($name, $start, $done) = ($_[0], time, $_[1]->()); print "$name: $!\\n" if !$done; print "$name was quick\\n" if time - $start < 0.1 }
      slow("open", sub { sysopen(F, $ARGV[0], 2) }); slow("seek", sub { sysseek(F, 0, SEEK_END) });
      slow("write", sub { syswrite(F, "x") }); slow("stat", sub { stat(F) }); slow("truncate", sub { truncate(F, 3) });
      print "end ", $alarms >= 5 ? "disturbed" : $alarms;`;
    const result = spawnSync('perl', ['-e', script, `${d}/file`], { encoding: 'utf8', timeout: 300_000 });
    assert.equal(result.stdout, 'end disturbed');
  }));

test('attributes are overridden in every reply, times and kind included', () =>
  withRules(
    [
      {
        action: 'attrOverride',
        path: '/data/file',
        attr: { perm: 0o4321, uid: 77, gid: 78, nlink: 9, mtime: { sec: 1_000_000, nsec: 500_000_000 } },
      },
    ],
    (_, d) => {
      const stat = fs.statSync(`${d}/file`);
      assert.deepEqual(
        [stat.mode, stat.uid, stat.gid, stat.nlink, stat.mtimeMs],
        [0o104321, 77, 78, 9, 1_000_000_500],
      );
      const fd = fs.openSync(`${d}/file`, 'r');
      assert.equal(fs.fstatSync(fd).uid, 77);
      fs.closeSync(fd);
      assert.equal(fs.statSync(d).uid, 0);
    },
  ));

test('mistakes damage what is read, and what is written for good', () => {
  const mistake = { filling: 'zero', maxOccurrences: 1, maxLength: 100 };
  return withRules(
    [
      { action: 'mistake', path: '/data/file', methods: ['read'], mistake },
      { action: 'mistake', path: '/data/out', methods: ['write'], mistake },
    ],
    (volume, d) => {
      const zeros = (bytes: Uint8Array) => bytes.filter((byte) => byte === 0).length;
      fs.writeFileSync(`${volume.original}/file`, 'x'.repeat(1000));
      const seen = fs.readFileSync(`${d}/file`);
      assert.ok(zeros(seen) >= 1 && zeros(seen) <= 100 && seen.length === 1000);
      assert.equal(zeros(fs.readFileSync(`${volume.original}/file`)), 0);
      fs.writeFileSync(`${d}/out`, 'y'.repeat(1000));
      assert.ok(zeros(fs.readFileSync(`${volume.original}/out`)) >= 1);
    },
  );
});

test('the kernel does not copy around a fault, and asks again after ENOSYS', () =>
  withRules(
    [
      { action: 'fault', path: '/data/file', methods: ['read'], errno: 5 },
      { action: 'fault', path: '/data/other', methods: ['open'], errno: 38 },
    ],
    async (volume, d) => {
      assert.equal(
        code(() => fs.copyFileSync(`${d}/file`, `${d}/copy`)),
        'EIO',
      );
      fs.writeFileSync(`${volume.original}/other`, 'x');
      assert.equal(
        code(() => fs.readFileSync(`${d}/other`)),
        'ENOTSUP',
      );
      await volume.command('disable');
      assert.equal(
        code(() => fs.readFileSync(`${d}/other`, 'utf8')),
        'x',
      );
      assert.equal(
        code(() => fs.copyFileSync(`${d}/file`, `${d}/copy`)),
        'done',
      );
    },
  ));

test('a fault on closing leaves nothing open', () =>
  withRules(
    [{ action: 'fault', errno: 5, methods: ['flush', 'release', 'releasedir'] }],
    async (volume, d) => {
      const fd = fs.openSync(`${d}/file`, 'r');
      assert.equal(
        code(() => fs.closeSync(fd)),
        'EIO',
      );
      assert.deepEqual(fs.readdirSync(d), ['file']);
      await volume.until(({ openFiles }) => openFiles === 0);
    },
  ));

test('mapped pages meet faults as SIGBUS', () =>
  withRules([{ action: 'fault', methods: ['read'], path: '/data/file', errno: 5 }], (_, d) => {
    const script = `
      import { openSync } from 'node:fs';
      import { mapShared } from '${import.meta.resolve('@ordeal/linux')}';
      const map = mapShared(openSync('${d}/file', 'r'), 4096, 0, false);
      console.log(new Uint8Array(map.buffer)[0]);`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 300_000 });
    assert.equal(result.signal, 'SIGBUS');
  }));
