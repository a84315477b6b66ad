import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planInjection } from '../owner/plan-injection.js';
import { PuppetTarget } from '../testing/puppet-target.js';

/** Names that a program may use: with a path of its own, in a directory, by a relative path. */
const PREPARE = `
os.chdir(volume); os.mkdir("run"); os.mkfifo("run/a fifo"); sockets = []
for name in (volume + "/absolute.sock", "run/relative.sock"):
    sockets.append(socket.socket(socket.AF_UNIX)); sockets[-1].bind(name); sockets[-1].listen()
os.chdir("/")
`;

test('bound sockets and FIFOs are named before anything is touched', async () => {
  const target = new PuppetTarget();
  try {
    await target.run(PREPARE);
    const { special } = await planInjection(target.directory, target.pid, target.volume);
    const expected = [
      ['FIFO', 'run/a fifo'],
      ['socket', 'absolute.sock'],
      ['socket', 'run/relative.sock'],
    ];
    const found = special.files.map(({ kind, name }) => [kind, name]);
    assert.deepEqual(found.sort(), expected);
    assert.equal(special.complete, true);
    assert.equal(target.covered, false);
  } finally {
    target.close();
  }
});
