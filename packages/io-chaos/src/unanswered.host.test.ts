import assert from 'node:assert/strict';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SYS } from '@ordeal/linux';
import { LiveInjection } from './testing/live-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';
import { eventually } from './testing/target.js';

/** Threads that wait for their appends, one of them with bytes that are not there any more. */
const WAITING = `
import mmap, threading
libc.mmap.restype = ctypes.c_void_p; libc.write.restype = ctypes.c_ssize_t
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]; libc.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
logs = [os.open(volume + "/" + name, os.O_RDWR | os.O_CREAT | os.O_APPEND) for name in ("log-gone", "log-whole")]
results = {}
address = libc.mmap(None, 4096, 3, 0x22, -1, 0); ctypes.memset(address, 120, 4096)
def gone(): results["gone"] = [libc.write(logs[0], address, 4), ctypes.get_errno()]
def whole(): results["whole"] = os.write(logs[1], b"whole")
threads = [threading.Thread(target=each) for each in (gone, whole)]
for thread in threads: thread.start()
`;

/** How many threads of a process wait in a system call. */
function threadsIn(pid: number, call: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.filter((tid) =>
    readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1').startsWith(`${call} `),
  ).length;
}

test('an append whose bytes are not there any more keeps nobody from being moved back', async () => {
  const target = new PuppetTarget();
  await target.run('');
  const injection = new LiveInjection(target, {
    spec: { action: 'latency', delay: '60000000000', percent: 100 },
  });
  try {
    await injection.arm();
    await target.run(WAITING);
    await eventually('both wait', () => threadsIn(target.pid, SYS.write) === 2);
    await target.run('libc.munmap(address, 4096)');
    await injection.moverReady();
    injection.kill('server');
    await injection.assertGone();
    const results = await target.run('[thread.join() for thread in threads]; result = results');
    assert.deepEqual(results, { gone: [-1, 14], whole: 5 });
  } finally {
    injection.close();
  }
});

/** One thread appends "line\\n"; meanwhile somebody outside has appended, too, which the kernel does not know. */
async function killedAt(step: 'appending' | 'appended', outside: string): Promise<[unknown, string]> {
  const target = new PuppetTarget();
  await target.run('log = os.open(volume + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)');
  const injection = new LiveInjection(target, { haltAt: `server: ${step}`, spec: { percent: 0 } });
  try {
    await injection.arm();
    appendFileSync(target.path('data', 'log'), outside);
    await target.run(`
import threading
told = []
thread = threading.Thread(target=lambda: told.append(os.write(log, b"line\\n"))); thread.start()
`);
    await injection.halted();
    await injection.moverReady();
    injection.kill('server');
    await injection.assertGone();
    const told = await target.run('thread.join(); result = told');
    return [told, readFileSync(target.path('data', 'log'), 'utf8')];
  } finally {
    injection.close();
  }
}

test('an append that the server had carried out is not made again, whoever else appended', async () => {
  assert.deepEqual(await killedAt('appended', 'outside\n'), [[5], 'outside\nline\n']);
});

test('an append that the server had not carried out is made, also where the file holds the same bytes', async () => {
  assert.deepEqual(await killedAt('appending', 'line\n'), [[5], 'line\nline\n']);
});

for (const step of ['appended #2', 'appending #2', 'appended #1']) {
  test(`a write of several requests: killed when it has ${step}, nothing is doubled`, async () => {
    const target = new PuppetTarget();
    await target.run('log = os.open(volume + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)');
    const injection = new LiveInjection(target, { haltAt: `server: ${step}`, spec: { percent: 0 } });
    try {
      await injection.arm();
      await target.run(`
import threading
line = b"".join(b"%07d\\n" % number for number in range(200000))
def append():
  rest = line
  while rest: rest = rest[os.write(log, rest):]
thread = threading.Thread(target=append); thread.start()
`);
      await injection.halted();
      await injection.moverReady();
      injection.kill('server');
      await injection.assertGone();
      const told = await target.run(
        'thread.join(); found = open(volume + "/log", "rb").read(); result = [len(found), found == line]',
      );
      assert.deepEqual(told, [1_600_000, true]);
    } finally {
      injection.close();
    }
  });
}

test('a server that hung does not carry an append out once it has been made again', async () => {
  const target = new PuppetTarget();
  await target.run('log = os.open(volume + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)');
  const injection = new LiveInjection(target, { haltAt: 'server: appending', spec: { percent: 0 } });
  try {
    await injection.arm();
    const server = Number(injection.processes('server')[0]);
    // A keeper would kill the server that hangs.
    injection.kill('owner', 'keeper');
    await eventually('it is gone', () => injection.processes('keeper').length === 0);
    // Who gets the answer lets the server go on, before anybody else can act.
    await target.run(`
import threading
told = []
def append():
  told.append(os.write(log, b"line\\n"))
  os.kill(${server}, signal.SIGCONT)
thread = threading.Thread(target=append); thread.start()
`);
    await injection.halted();
    const [result] = (await injection.recover()) ?? [];
    assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    const told = await target.run('thread.join(); result = told');
    await injection.assertGone();
    assert.deepEqual([told, readFileSync(target.path('data', 'log'), 'utf8')], [[5], 'line\n']);
  } finally {
    injection.close();
  }
});

/** What has another result when it is done twice, and what it makes of a directory with the file `old`. */
const CHANGES = [
  ['os.mkdir(volume + "/new")', ['new', 'old']],
  ['os.symlink("old", volume + "/new")', ['new', 'old']],
  ['os.link(volume + "/old", volume + "/new")', ['new', 'old']],
  ['os.rename(volume + "/old", volume + "/new")', ['new']],
  ['os.unlink(volume + "/old")', []],
  [
    'os.write(os.open(volume + "/new", os.O_CREAT | os.O_EXCL | os.O_WRONLY), b"mine") and None',
    ['new', 'old'],
  ],
] as const;
/** Each between the change and the note that it is done; one of them also before the change, and after the note. */
const killedInChange = CHANGES.flatMap((each) => {
  const steps = each[0].includes('rename') ? ['changing', 'change made', 'changed'] : ['change made'];
  return steps.map((step) => [...each, step] as const);
});
for (const [change, names, step] of killedInChange) {
  test(`what the server was asked for is done once: killed at "${step}": ${change}`, async () => {
    const target = new PuppetTarget();
    await target.run('old = open(volume + "/old", "w")');
    const injection = new LiveInjection(target, { haltAt: `server: ${step}`, spec: { percent: 0 } });
    try {
      await injection.arm();
      await target.run(`
import threading
told = []
def act():
  try: told.append(${change})
  except OSError as error: told.append(error.errno)
thread = threading.Thread(target=act); thread.start()
`);
      await injection.halted();
      await injection.moverReady();
      injection.kill('server');
      await injection.assertGone();
      assert.deepEqual(await target.run('thread.join(); result = told'), [null]);
      assert.deepEqual(readdirSync(target.volume).sort(), names);
    } finally {
      injection.close();
    }
  });
}
