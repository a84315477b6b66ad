import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cString, EventFd, type Fd, SYS, trySyscall } from '@ordeal/linux';
import { abortConnection, invalidateEntry, invalidateInode, requestResend } from './connection.js';
import { cloneDevice } from './device-ioctl.js';
import { attachMount, connectionOf, createFuseMount, openFuseDevice } from './mount.js';
import { probeFuse } from './probe.js';
import { DeviceChannel } from './session/device-channel.js';
import { type Handler, NO_REPLY } from './session/handler.js';
import { Session } from './session/session.js';
import { OneFile } from './testing/one-file.js';
import { type Agreement, INIT, INIT2, OPCODE, type Reply, type Request } from './wire/index.js';

const run = promisify(execFile);
const init = { flags: INIT.ASYNC_READ, flags2: INIT2.HAS_RESEND, maxWrite: 65536, maxStackDepth: 0 };

/** A mount, and sessions that this process serves in turns with its event loop. Only children may touch the mount. */
async function withMount(body: (at: { file: string; device: Fd; connection: number }) => Promise<void>) {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-fuse-'));
  const device = openFuseDevice();
  const options = { source: 'ordeal-test', subtype: 'ordeal', rootMode: 0o40755, defaultPermissions: false };
  const mount = createFuseMount(device, options);
  const connection = connectionOf(mount);
  attachMount(mount, directory);
  mount.close();
  try {
    await body({ file: join(directory, 'file'), device, connection });
  } finally {
    trySyscall(SYS.umount2, cString(directory), 2);
    abortConnection(connection);
    device.close();
    rmdirSync(directory);
  }
}

function open(device: Fd, handler: Handler, agreement?: Agreement) {
  const wakeUp = new EventFd();
  const channel = new DeviceChannel(device.number, wakeUp.fd.number);
  const lines: string[] = [];
  const base = { channel, handler, init, log: (line: string) => lines.push(line) };
  const session = new Session(agreement ? { ...base, agreement } : base);
  let open = true;
  /** @param expected what was logged, one pattern a line */
  const close = (...expected: RegExp[]) => {
    open = false;
    session.close();
    channel.close();
    wakeUp.close();
    assert.equal(lines.length, expected.length, lines.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(lines[index] ?? '', pattern);
  };
  /** Serves while the promise is open. */
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let pending = true;
    const settled = promise.finally(() => {
      pending = false;
    });
    settled.catch(() => {});
    while (pending && open && !session.ended) {
      session.step(5);
      await setImmediate();
    }
    return settled;
  };
  return { session, during, close };
}

test('an exception of the handler is EIO for who asked, a line in the log, and no harm to others', () =>
  withMount(async ({ file, device }) => {
    class Unlucky extends OneFile {
      luck = 1;
      override handle(request: Request, reply: Reply): number {
        if (request.opcode === OPCODE.LOOKUP && this.luck-- === 0) throw new Error('out of luck');
        return super.handle(request, reply);
      }
    }
    const { during, close } = open(device, new Unlucky());
    const cat = () => during(run('cat', [file]));
    assert.equal((await cat()).stdout, 'first');
    // A name that is not cached yet is looked up.
    await assert.rejects(during(run('cat', [`${file}2`])), /Input\/output error/);
    assert.equal((await cat()).stdout, 'first');
    close(/^FUSE LOOKUP of node 1: Error: out of luck/);
  }));

test('what the kernel caches it forgets when it is told', () =>
  withMount(async ({ file, device }) => {
    const handler = new OneFile();
    const { during, close } = open(device, handler);
    const cat = async () => (await during(run('cat', [file]))).stdout;
    assert.equal(await cat(), 'first');
    // Of the same length: a new size, which any GETATTR tells, would be enough to drop the data.
    handler.content = Buffer.from('other');

    assert.equal(await cat(), 'first');
    invalidateInode(device.number, 2, 0, 0);
    assert.equal(await cat(), 'other');
    const lookups = () => handler.seen.filter((opcode) => opcode === OPCODE.LOOKUP).length;
    const before = lookups();
    await cat();
    assert.equal(lookups(), before);
    invalidateEntry(device.number, 1, Buffer.from('file'));
    await cat();
    assert.equal(lookups(), before + 1);
    assert.throws(() => invalidateInode(device.number, 99), /ENOENT/);
    close();
  }));

test('a new server answers what an earlier one left unanswered (Linux 6.9)', () =>
  withMount(async ({ file, device }) => {
    let unanswered = 0;
    const stubborn: Handler = {
      handle: (request, reply) => {
        if (request.opcode !== OPCODE.READ) return handler.handle(request, reply);
        unanswered++;
        return NO_REPLY;
      },
    };
    const handler = new OneFile();
    const first = open(device, stubborn);
    const client = run('cat', [file]);
    while (unanswered === 0) {
      first.session.step(5);
      await setImmediate();
    }
    const { agreement } = first.session;
    assert.ok(agreement && (agreement.flags2 & INIT2.HAS_RESEND) !== 0);
    first.close();
    const second = open(device, handler, agreement);
    requestResend(device.number);
    assert.equal((await second.during(client)).stdout, 'first');
    second.close();
  }));

test('a cloned descriptor serves the same connection', () =>
  withMount(async ({ file, device }) => {
    const handler = new OneFile();
    const first = open(device, handler);
    assert.equal((await first.during(run('cat', [file]))).stdout, 'first');
    const clone = openFuseDevice();
    cloneDevice(device, clone);
    const second = open(clone, handler, first.session.agreement);
    first.close();
    handler.content = Buffer.from('again');
    invalidateInode(device.number, 2, 0, 0);
    assert.equal((await second.during(run('cat', [file]))).stdout, 'again');
    second.close();
    clone.close();
  }));

test('an aborted connection frees who waits, and ends the session', () =>
  withMount(async ({ file, device, connection }) => {
    let unanswered = 0;
    const handle = () => {
      unanswered++;
      return NO_REPLY;
    };
    const { session, during, close } = open(device, { handle });
    const client = run('cat', [file]);
    client.catch(() => {});
    while (unanswered === 0) {
      session.step(5);
      await setImmediate();
    }
    assert.equal(abortConnection(connection), true);
    await assert.rejects(client);
    await during(Promise.resolve());
    session.step(5);
    assert.equal(session.ended, true);
    close();
  }));

test('the kernel says what it can do, and nothing is left of the question', () => {
  const ability = probeFuse();
  assert.match(ability?.protocol ?? '', /^7\.(3[4-9]|4\d)$/);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /ordeal-probe/);
});
