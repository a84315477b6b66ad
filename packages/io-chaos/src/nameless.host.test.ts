import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveInjection, type Player } from './testing/live-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';

/** Files whose names are gone, or another's: all opened while faults last. Each is asked for what it holds. */
const OPENING = `
import mmap
def make(name, text):
    number = os.open(volume + "/" + name, os.O_RDWR | os.O_CREAT); os.write(number, text); return number
deleted = make("gone", b"deleted"); os.unlink(volume + "/gone")
replaced = make("kept", b"replaced"); other = make("kept-new", b"other"); os.rename(volume + "/kept-new", volume + "/kept")
temporary = os.open(volume, os.O_TMPFILE | os.O_RDWR); os.write(temporary, b"temporary")
appending = os.open(volume + "/gone-too", os.O_WRONLY | os.O_CREAT | os.O_APPEND); os.write(appending, b"app")
reading = os.open(volume + "/gone-too", os.O_RDONLY); os.unlink(volume + "/gone-too")
mapped = make("gone-map", b"x" * 4096); memory = mmap.mmap(mapped, 4096); memory[0:6] = b"mapped"
os.close(mapped); os.unlink(volume + "/gone-map")
os.mkdir(volume + "/gone-dir"); os.chdir(volume + "/gone-dir"); os.rmdir(volume + "/gone-dir")
`;
const ASKING = `
os.write(deleted, b"!"); os.write(replaced, b"!"); os.write(temporary, b"!"); os.write(appending, b"end"); memory[6:7] = b"!"
result = [os.pread(number, 99, 0).decode() for number in (deleted, replaced, other, temporary, reading)]
result += [memory[0:7].decode(), [os.fstat(number).st_nlink for number in (deleted, replaced, other, temporary)]]
here = os.stat(volume).st_dev
result += [all(os.fstat(n).st_dev == here for n in (deleted, replaced, other, temporary, appending, reading))]
result += [os.stat(".").st_dev == here, sorted(os.listdir(volume))]
AT_FDCWD, AT_SYMLINK_FOLLOW = -100, 0x400
source, name = f"/proc/self/fd/{temporary}".encode(), (volume + "/linked").encode()
result += [libc.linkat(AT_FDCWD, source, AT_FDCWD, name, AT_SYMLINK_FOLLOW), open(volume + "/linked").read()]
`;
const EXPECTED = [
  ...['deleted!', 'replaced!', 'other', 'temporary!', 'append', 'mapped!'],
  [0, 0, 1, 0],
  ...[true, true, ['kept']],
  ...[0, 'temporary!'],
];

/** `['owner', 'keeper', 'server']` is what `pkill -9 node` does. */
const KILLED: readonly (readonly Player[])[] = [
  ['owner'],
  ['server'],
  ['owner', 'server'],
  ['keeper'],
  ['owner', 'keeper', 'server'],
];

const SLOW = { action: 'latency', delay: '1000000', methods: ['read', 'write'], percent: 50 };
const PASSED_THROUGH = { action: 'latency', delay: '1000000', methods: ['readlink'], percent: 50 };

for (const [way, spec] of [
  ['under faults', SLOW],
  ['passed through', PASSED_THROUGH],
] as const) {
  for (const victims of KILLED) {
    test(`files without a name come back when they are killed: ${victims.join(', ')} (${way})`, async () => {
      const target = new PuppetTarget();
      await target.run('');
      const injection = new LiveInjection(target, { spec });
      try {
        await injection.arm();
        await target.run(OPENING);
        injection.kill(...victims);
        if (victims.includes('keeper')) {
          const [result] = (await injection.recover()) ?? [];
          assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
        }
        await injection.assertGone();
        assert.deepEqual(await target.run(ASKING), EXPECTED);
      } finally {
        injection.close();
      }
    });
  }
}
