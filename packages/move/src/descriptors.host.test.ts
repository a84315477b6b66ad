import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REGISTERED } from './ring-files.js';
import { type Puppet, TwoMounts } from './testing/two-mounts.js';

/** Runs `body` with a puppet on two mounts. */
async function withPuppet(body: (mounts: TwoMounts, puppet: Puppet) => Promise<void>): Promise<void> {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`
old = ${JSON.stringify(mounts.path('old'))}
new = ${JSON.stringify(mounts.path('new'))}
def where(number): return os.readlink(f"/proc/self/fd/{number}")
def side(number): return int([l for l in open(f"/proc/self/fdinfo/{number}") if l.startswith("mnt_id")][0].split()[1])
os.mkdir(old + "/sub"); open(old + "/a", "w").write("0123456789")
`);
    await body(mounts, puppet);
  } finally {
    mounts.close();
  }
}

function moveAll(mounts: TwoMounts, direction: 'there' | 'back' = 'there'): void {
  const report = mounts.run(direction);
  assert.deepEqual(report.left, []);
  assert.equal(report.passes, 1);
}

test('offset, flags and close-on-exec stay', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
a = os.open(old + "/a", os.O_RDWR | os.O_NOATIME); os.lseek(a, 4, 0); os.set_inheritable(a, False)
b = os.open(old + "/a", os.O_RDONLY); os.set_inheritable(b, True); fcntl.fcntl(b, fcntl.F_SETFL, os.O_NONBLOCK)
before = [(fcntl.fcntl(f, fcntl.F_GETFL), fcntl.fcntl(f, fcntl.F_GETFD)) for f in (a, b)]
`);
    moveAll(mounts);
    const result = await puppet.run(`
after = [(fcntl.fcntl(f, fcntl.F_GETFL), fcntl.fcntl(f, fcntl.F_GETFD)) for f in (a, b)]
result = [before == after, os.read(a, 3).decode(), os.read(b, 3).decode(), where(a) == new + "/a", where(b) == new + "/a"]
`);
    assert.deepEqual(result, [true, '456', '012', true, true]);
  }));

test('one description stays one: through dup, and through fork into another process', () =>
  withPuppet(async (mounts, puppet) => {
    const child = await puppet.run(`
a = os.open(old + "/a", os.O_RDWR); b = os.dup(a); other = os.open(old + "/a", os.O_RDWR)
import subprocess
child_in, child_out = os.pipe(), os.pipe()
result = os.fork()
if result == 0:
    while True:
        os.read(child_in[0], 1); os.write(child_out[1], os.read(a, 2))
child = result
def ask_child(): os.write(child_in[1], b"x"); return os.read(child_out[0], 9).decode()
`);
    const report = mounts.run('there', [puppet.pid, Number(child)]);
    assert.deepEqual(report.left, []);
    assert.equal(report.processes.length, 2);
    const result = await puppet.run(`
result = [ask_child(), os.read(b, 2).decode(), ask_child(), os.read(a, 2).decode(), os.read(other, 2).decode(), where(a) == new + "/a"]
os.kill(child, 9); os.waitpid(child, 0)
`);
    assert.deepEqual(result, ['01', '23', '45', '67', '01', true]);
  }));

test('O_PATH, directories in the middle of a listing, and symbolic links themselves', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
for i in range(50): open(old + f"/sub/{i}", "w").close()
os.symlink("nowhere", old + "/link")
p = os.open(old + "/a", os.O_PATH); l = os.open(old + "/link", os.O_PATH | os.O_NOFOLLOW)
libc.fdopendir.restype = ctypes.c_void_p; libc.readdir.restype = ctypes.c_void_p
d = os.open(old + "/sub", os.O_RDONLY | os.O_DIRECTORY)
def getdents():
    buffer = ctypes.create_string_buffer(512); size = libc.syscall(217 if os.uname().machine == "x86_64" else 61, d, buffer, 512)
    names, at = [], 0
    while at < size:
        length = struct.unpack_from("H", buffer, at + 16)[0]
        names.append(buffer.raw[at + 19:at + length].split(b"\\0")[0].decode()); at += length
    return names
seen = getdents()
`);
    moveAll(mounts);
    const result = await puppet.run(`
while True:
    names = getdents()
    if not names: break
    seen += names
result = [len(seen), len(set(seen)), where(d) == new + "/sub", where(p) == new + "/a", where(l) == new + "/link", os.fstat(l).st_size]
`);
    assert.deepEqual(result, [52, 52, true, true, true, 7]);
  }));

test('deleted files, O_TMPFILE, renamed files and names that are not UTF-8', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
gone = os.open(old + "/gone", os.O_RDWR | os.O_CREAT); os.write(gone, b"still here"); os.unlink(old + "/gone")
temporary = os.open(old, os.O_RDWR | os.O_TMPFILE); os.write(temporary, b"nameless")
renamed = os.open(old + "/first", os.O_RDWR | os.O_CREAT); os.rename(old + "/first", old + "/sub/a name with spaces")
replaced = os.open(old + "/a", os.O_RDWR); open(old + "/b", "w").write("another"); os.rename(old + "/b", old + "/a")
odd = os.open(old.encode() + b"/\\xff\\n (deleted)", os.O_RDWR | os.O_CREAT)
files = (gone, temporary, renamed, replaced, odd)
before = [os.fstat(f).st_ino for f in files], [side(f) for f in files]
`);
    moveAll(mounts);
    const result = await puppet.run(`
after = [os.fstat(f).st_ino for f in files], [side(f) for f in files]
result = [before[0] == after[0], [x != y for x, y in zip(before[1], after[1])],
  os.pread(gone, 20, 0).decode(), os.pread(temporary, 20, 0).decode(), os.pread(replaced, 20, 0).decode()]
`);
    assert.deepEqual(result, [true, [true, true, true, true, true], 'still here', 'nameless', '0123456789']);
  }));

test('flock, OFD and POSIX locks are held on the other side', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
for name in "fop": open(old + "/" + name, "w").write("x" * 100)
f, o, p = [os.open(old + "/" + name, os.O_RDWR) for name in "fop"]
second = os.open(old + "/p", os.O_RDWR)
fcntl.flock(f, fcntl.LOCK_EX)
fcntl.fcntl(o, 37, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 10, 5, 0))
fcntl.lockf(p, fcntl.LOCK_EX, 20, 5); fcntl.lockf(p, fcntl.LOCK_SH, 10, 50)
`);
    const locks = () =>
      readFileSync('/proc/locks', 'utf8')
        .split('\n')
        .map((line) => line.replace(/^\d+: /, ''))
        .filter((line) => line.includes(` ${puppet.pid} `) || line.startsWith('OFDLCK'))
        .map((line) => line.replace(/ [0-9a-f]+:[0-9a-f]+:/, ' '))
        .sort();
    const before = locks();
    assert.equal(before.filter((line) => line.includes(` ${puppet.pid} `)).length, 3);
    moveAll(mounts);
    assert.deepEqual(
      locks().filter((line) => line.startsWith('POSIX')),
      before.filter((line) => line.startsWith('POSIX')),
    );
    const result = await puppet.run(`
def refused(*args):
    try: return fcntl.fcntl(*args) and False
    except OSError: return True
def flock_refused(number):
    try: fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB); return False
    except OSError: return True
other_f, other_o = os.open(old + "/f", os.O_RDWR), os.open(old + "/o", os.O_RDWR)
request = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 12, 1, 0)
result = [flock_refused(other_f), refused(other_o, 37, request), where(f) == new + "/f", where(o) == new + "/o", where(p) == new + "/p", where(second) == new + "/p"]
`);
    assert.deepEqual(result, [true, true, true, true, true, true]);
    moveAll(mounts, 'back');
  }));

test('a FIFO and a device are left, and named in the plan before anything is touched', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
os.mkfifo(old + "/fifo"); fifo = os.open(old + "/fifo", os.O_RDWR); a = os.open(old + "/a", os.O_RDONLY)
`);
    const move = mounts.move('there');
    const plan = move.plan();
    move.close();
    assert.deepEqual(
      plan.processes.map(({ descriptors, left }) => ({ descriptors, left })),
      [
        {
          descriptors: ['descriptor 6 (a)'],
          left: [{ what: 'descriptor 5 (fifo)', reason: 'is a FIFO: what is in it would be lost' }],
        },
      ],
    );
    assert.equal(await puppet.run('result = where(a) == old + "/a"'), true, 'planning touches nothing');
    assert.deepEqual(
      mounts.run('there').left.map(({ what }) => what),
      ['descriptor 5 (fifo)'],
    );
  }));

for (const [what, then] of [
  ['', ''],
  [' and open nowhere else', 'os.close(a)'],
] as const) {
  test(`a file registered with io_uring${what} stays, and is named`, () =>
    withPuppet(async (mounts, puppet) => {
      // io_uring_setup(2) and io_uring_register(2) with IORING_REGISTER_FILES.
      const ring = await puppet.run(`
a = os.open(old + "/a", os.O_RDONLY)
ring = libc.syscall(425, 8, ctypes.create_string_buffer(120)); assert ring >= 0
assert libc.syscall(427, ring, 2, (ctypes.c_int * 1)(a), 1) == 0
${then}
result = ring
`);
      const left = [
        {
          what: `${mounts.path('old', 'a')} in the io_uring of descriptor ${ring}`,
          reason: REGISTERED,
        },
      ];
      const move = mounts.move('there');
      assert.deepEqual(move.plan().processes[0]?.left, left);
      move.close();
      assert.deepEqual(mounts.run('there').left, [{ pid: puppet.pid, ...left[0] }]);
      if (then === '') assert.equal(await puppet.run('result = where(a) == new + "/a"'), true);
    }));
}

test('threads with descriptors of their own move too', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
go, done = threading.Event(), threading.Event(); seen = []
def apart():
    assert libc.unshare(0x400) == 0
    own = os.open(old + "/a", os.O_RDONLY); os.lseek(own, 3, 0)
    ready.set(); go.wait()
    seen.append(os.readlink(f"/proc/thread-self/fd/{own}") == new + "/a"); seen.append(os.read(own, 2).decode()); done.set()
ready = threading.Event()
a = os.open(old + "/a", os.O_RDONLY)
threading.Thread(target=apart, daemon=True).start(); ready.wait()
`);
    moveAll(mounts);
    assert.deepEqual(await puppet.run('go.set(); done.wait(); result = seen + [where(a) == new + "/a"]'), [
      true,
      '34',
      true,
    ]);
  }));

for (const count of [2, 5]) {
  test(`${count} descriptors are moved: if the mover died then, the process would keep its socket and no more`, () =>
    withPuppet(async (mounts, puppet) => {
      await puppet.run(`
files = [os.open(old + "/a", os.O_RDWR) for _ in range(${count} + 1)]; os.close(files.pop(1))
`);
      const open = () => readdirSync(`/proc/${puppet.pid}/fd`);
      const before = open();
      let meanwhile: string[] = [];
      const move = mounts.move('there', [puppet.pid], {
        reached: (step) => {
          if (step === 'moved') meanwhile = open();
        },
      });
      assert.deepEqual(move.run().left, []);
      move.close();
      assert.equal(meanwhile.filter((number) => !before.includes(number)).length, 1);
      assert.deepEqual(open(), before);
      assert.equal(await puppet.run('result = all(where(f) == new + "/a" for f in files)'), true);
    }));
}

/** Opens files until the limit is reached. */
const fillUp = (soft: number, hard: number) => `
import resource
files = []
resource.setrlimit(resource.RLIMIT_NOFILE, (${soft}, ${hard}))
try:
    while True: files.append(os.open(old + "/a", os.O_RDONLY))
except OSError: pass
`;

test('no room for more descriptors below the soft limit is no obstacle', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(fillUp(64, 4096));
    moveAll(mounts);
    const result = await puppet.run(
      'result = [all(where(f) == new + "/a" for f in files), len(files), resource.getrlimit(resource.RLIMIT_NOFILE)]',
    );
    assert.deepEqual(result, [true, 59, [64, 4096]]);
  }));

test('no room below the hard limit: all are moved where that may be raised, else none, and that is said', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(fillUp(64, 64));
    const { left } = mounts.run('there');
    const moved = await puppet.run('result = [where(f) == new + "/a" for f in files].count(True)');
    assert.deepEqual([moved, left.length].sort(), [0, 59]);
    for (const { reason } of left) assert.match(reason, /cannot make a socket/);
  }));
