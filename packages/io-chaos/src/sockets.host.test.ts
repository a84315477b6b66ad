import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LiveInjection, PATIENCE } from './testing/live-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';
import { eventually } from './testing/target.js';

/** `ask` connects to a server that answers in another thread, and tells what it answers or which error there is. */
const PREPARE = `
def listen(path):
    server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen()
    def answer():
        while True:
            try: connection, _ = server.accept()
            except OSError: return
            connection.sendall(b"here"); connection.close()
    threading.Thread(target=answer, daemon=True).start()
    return server
def ask(path):
    client = socket.socket(socket.AF_UNIX)
    try: client.connect(path); return client.recv(9).decode()
    except OSError as error: return error.errno
    finally: client.close()
os.mkdir(volume + "/run"); path = volume + "/run/db.sock"; server = listen(path)
fifo = volume + "/run/fifo"; os.mkfifo(fifo)
`;

/** A thread that is blocked in open(2) until there is a writer. */
const WAIT = `
found = []
def read():
    with open(fifo, "rb") as file: found.append(file.read().decode())
thread = threading.Thread(target=read, daemon=True); thread.start()
while not any(open("/proc/self/task/" + tid + "/wchan").read() == "wait_for_partner" for tid in os.listdir("/proc/self/task")): time.sleep(0.01)
`;

async function withServer(
  body: (target: PuppetTarget, injection: LiveInjection) => Promise<void>,
  spec: object = { methods: ['write'], percent: 100 },
): Promise<void> {
  const target = new PuppetTarget();
  let injection: LiveInjection | undefined;
  try {
    await target.run(`${PREPARE}${WAIT}`);
    injection = new LiveInjection(target, { spec });
    await injection.arm();
    await body(target, injection);
    await injection.assertGone();
    const mounts = readFileSync(`/proc/${target.pid}/mountinfo`, 'utf8');
    assert.ok(!mounts.includes(target.volume), mounts);
  } finally {
    if (injection) injection.close();
    else target.close();
  }
}

async function end(injection: LiveInjection): Promise<void> {
  injection.end();
  await eventually('it is taken back', () => /^recovered$/m.test(injection.notes), PATIENCE);
  await injection.assertGone();
}

test('a socket that was bound before is reached while faults last, and afterwards', () =>
  withServer(async (target, injection) => {
    assert.equal(await target.run('result = ask(path)'), 'here');
    await end(injection);
    assert.equal(await target.run('result = ask(path)'), 'here');
  }));

test('a socket that was bound before is removed, and bound again, while faults last', () =>
  withServer(async (target, injection) => {
    await target.run('os.unlink(path); server.shutdown(2); server = listen(path)');
    assert.equal(await target.run('result = ask(path)'), 'here');
    await end(injection);
    assert.match(
      injection.notes,
      new RegExp(
        `^socket run/db.sock of process ${target.pid} \\(python3\\) was bound while faults lasted: `,
        'm',
      ),
    );
    assert.equal(await target.run('result = ask(path)'), 111);
    await target.run('os.unlink(path); server.shutdown(2); server = listen(path)');
    assert.equal(await target.run('result = ask(path)'), 'here');
  }));

test('a socket that was bound before is renamed while faults last: it is reached when they are over', () =>
  withServer(async (target, injection) => {
    await target.run('os.rename(path, path + ".new"); path += ".new"');
    await end(injection);
    assert.equal(await target.run('result = ask(path)'), 'here');
    assert.doesNotMatch(injection.notes, /refused/);
  }));

test('whoever opened a FIFO before meets those who open it while faults last, and afterwards', () =>
  withServer(async (target, injection) => {
    const meet = `
writer = os.open(fifo, os.O_WRONLY); os.write(writer, b"met"); os.close(writer)
thread.join(60); result = found.pop()`;
    assert.equal(await target.run(meet), 'met');
    await target.run(WAIT);
    await end(injection);
    assert.equal(await target.run(meet), 'met');
  }));

test('a socket is renamed, another put over one, and its directory moved', () =>
  withServer(async (target, injection) => {
    await target.run('os.rename(volume + "/run", volume + "/moved"); path = volume + "/moved/db.sock"');
    assert.equal(await target.run('result = ask(path)'), 'here');
    await target.run('os.rename(path, path + ".old"); other = listen(path); os.rename(path, path + ".old")');
    await end(injection);
    assert.match(injection.notes, /^socket moved\/db\.sock of process \d+ \(python3\) was bound /m);
    assert.equal(await target.run('result = os.path.exists(path + ".old")'), true);
  }));

test('lookups that fail do not cut a socket off', () =>
  withServer(
    async (target) => {
      for (let turn = 0; turn < 20; turn++) assert.equal(await target.run('result = ask(path)'), 'here');
    },
    { methods: ['lookup'], percent: 100 },
  ));

for (const victims of [['owner'], ['server'], ['owner', 'keeper'], ['owner', 'keeper', 'server']] as const) {
  test(`${victims.join(', ')} killed: nothing is mounted, and a socket that was bound before is reached`, () =>
    withServer(async (target, injection) => {
      injection.kill(...victims);
      if (victims.length > 1) {
        const [result] = (await injection.recover()) ?? [];
        assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      }
      await injection.assertGone();
      assert.equal(await target.run('result = ask(path)'), 'here');
    }));
}
