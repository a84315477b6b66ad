import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRNO } from '@ordeal/linux';
import { LiveInjection } from '../testing/live-injection.js';
import { PuppetTarget } from '../testing/puppet-target.js';
import { eventually } from '../testing/target.js';

const LIMIT = 256;
/** Root without the right to raise its limit, as in many containers. */
const LIMITED = [
  ...['prlimit', `--nofile=${LIMIT}:${LIMIT}`],
  ...['setpriv', '--bounding-set=-sys_resource', '--inh-caps=-sys_resource'],
];

/** @param count of files that the target has open in the volume; as many are open beside it */
async function injectionInto(target: PuppetTarget, count: number): Promise<LiveInjection> {
  await target.run(`
files = [open(f"{volume}/file-{index}", "w+") for index in range(${count})]
beside = [open(f"{volume}/../file-{index}", "w+") for index in range(10)]
copies = [os.dup(file.fileno()) for file in files]
`);
  return new LiveInjection(target, { startedBy: LIMITED, spec: { percent: 0 } });
}

test('more open files than the server may hold: refused before anything is touched', async () => {
  const target = new PuppetTarget();
  const injection = await injectionInto(target, 100);
  try {
    assert.equal(await injection.armed, false);
    assert.match(
      injection.notes,
      /have 2\d\d descriptors open on its file system; with a limit of 256 at most 80 open files can be moved/,
    );
    assert.equal(injection.hasBegun, false, 'a journal was written');
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

test('as many as it may hold: they are moved, and moved back', async () => {
  const target = new PuppetTarget();
  const injection = await injectionInto(target, 70);
  try {
    await injection.arm();
    await target.run('[file.write("more") and file.flush() for file in files]');
    injection.end();
    await eventually('all is taken back', () => injection.notes.includes('recovered'));
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

test('no more can be opened under faults than can be moved back', async () => {
  const target = new PuppetTarget();
  const injection = await injectionInto(target, 0);
  try {
    await injection.arm();
    const told = await target.run(`
files = []
try:
  while True: files.append(open(f"{volume}/file-{len(files)}", "w+"))
except OSError as error: result = [len(files), error.errno, os.path.exists(f"{volume}/file-{len(files)}")]
`);
    assert.deepEqual(told, [80, ERRNO.ENFILE, false]);
    // Room that is made can be used at once.
    await target.run('files.pop().close(); files.append(open(volume + "/last", "w+"))');
    injection.end();
    await eventually('all is taken back', () => injection.notes.includes('recovered'));
    await injection.assertGone();
  } finally {
    injection.close();
  }
});
