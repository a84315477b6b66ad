import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { LiveInjection, type Player } from './testing/live-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';

const DEFINITIONS = `
import fcntl, os, struct
F_OFD_SETLK = 37
def ofd(number, kind, start, length): fcntl.fcntl(number, F_OFD_SETLK, struct.pack("hhqqi4x", kind, 0, start, length, 0))
def opened(name): return os.open(volume + "/" + name, os.O_RDWR | os.O_CREAT)
`;

/**
 * Locks of each kind on two files: one taken before the injection, one under it. Each file is open a second time, and a
 * child has locks on a file that its parent has open, too.
 */
const TAKING = `
def take(when):
    decoys = [opened(kind + when) for kind in ("ofd-", "flock-", "shared-", "child-")]; ready, say = os.pipe()
    children.append(os.fork())
    if children[-1] == 0:
        libc.prctl(1, signal.SIGKILL)
        n = opened("child-" + when); fcntl.lockf(n, fcntl.LOCK_EX, 1); m = opened("child-" + when); fcntl.flock(m, fcntl.LOCK_EX)
        os.write(say, b"x"); signal.pause()
    os.read(ready, 1)
    p, o, f, s = [opened(kind + when) for kind in ("posix-", "ofd-", "flock-", "shared-")]
    fcntl.lockf(p, fcntl.LOCK_EX, 10, 5); fcntl.lockf(p, fcntl.LOCK_SH, 10, 100)
    ofd(o, fcntl.F_WRLCK, 0, 0); fcntl.flock(f, fcntl.LOCK_EX); fcntl.flock(s, fcntl.LOCK_SH)
    return p, o, f, s
children = []
def give(p, o, f, s):
    fcntl.lockf(p, fcntl.LOCK_UN); ofd(o, fcntl.F_UNLCK, 0, 0)
    fcntl.flock(f, fcntl.LOCK_UN); fcntl.flock(s, fcntl.LOCK_UN)
    child = children.pop(); os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
`;

/** What another process of the namespace finds free. */
const TRYING = `
import json
free = []
def attempt(what, name, body):
    number = opened(name)
    try: body(number); free.append(what)
    except OSError: pass
    os.close(number)
NB = fcntl.LOCK_NB
for when in ("before", "under"):
    attempt(when + " posix exclusive", "posix-" + when, lambda n: fcntl.lockf(n, fcntl.LOCK_SH | NB, 1, 14))
    attempt(when + " posix shared", "posix-" + when, lambda n: fcntl.lockf(n, fcntl.LOCK_EX | NB, 1, 109))
    attempt(when + " ofd", "ofd-" + when, lambda n: ofd(n, fcntl.F_RDLCK, 7, 1))
    attempt(when + " flock", "flock-" + when, lambda n: fcntl.flock(n, fcntl.LOCK_SH | NB))
    attempt(when + " flock shared", "shared-" + when, lambda n: fcntl.flock(n, fcntl.LOCK_EX | NB))
    attempt(when + " posix of the child", "child-" + when, lambda n: fcntl.lockf(n, fcntl.LOCK_SH | NB, 1))
    attempt(when + " flock of the child", "child-" + when, lambda n: fcntl.flock(n, fcntl.LOCK_SH | NB))
    attempt("outside", "posix-" + when, lambda n: fcntl.lockf(n, fcntl.LOCK_EX | NB, 5, 0))
    attempt("outside", "posix-" + when, lambda n: fcntl.lockf(n, fcntl.LOCK_SH | NB, 1, 105))
    attempt("outside", "shared-" + when, lambda n: fcntl.flock(n, fcntl.LOCK_SH | NB))
print(json.dumps(free))
`;
const ONLY_OUTSIDE = Array(6).fill('outside');
const ALL = 20;

function freeIn({ pid, volume }: PuppetTarget): string[] {
  const code = `volume = ${JSON.stringify(volume)}${DEFINITIONS}${TRYING}`;
  const argv = ['--target', String(pid), '--mount', 'python3', '-c', code];
  return JSON.parse(execFileSync('nsenter', argv, { encoding: 'utf8' })) as string[];
}

const SPECS = {
  'kept by the kernel': { action: 'latency', delay: '1000000', methods: ['read'], percent: 50 },
  'taken on the original files': { action: 'latency', delay: '1000000', methods: ['setlk'], percent: 50 },
};

for (const [how, spec] of Object.entries(SPECS)) {
  for (const victims of [['owner'], ['server'], ['keeper'], ['keeper', 'server']] as const) {
    test(`locks (${how}) survive, and belong to whom they did: ${victims.join(', ')} killed`, async () => {
      const target = new PuppetTarget();
      await target.run(`${DEFINITIONS}${TAKING}before = take("before")`);
      const injection = new LiveInjection(target, { spec });
      try {
        await injection.arm();
        await target.run('under = take("under")');
        assert.deepEqual(freeIn(target), ONLY_OUTSIDE, 'under the injection');
        injection.kill(...(victims as readonly Player[]));
        if ((victims as readonly Player[]).includes('keeper')) {
          const [result] = (await injection.recover()) ?? [];
          assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
        }
        await injection.assertGone();
        assert.deepEqual(freeIn(target), ONLY_OUTSIDE, 'after it');
        await target.run('give(*before); give(*under)');
        assert.equal(freeIn(target).length, ALL, 'given back');
      } finally {
        injection.close();
      }
    });
  }
}
