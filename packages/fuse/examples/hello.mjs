// Mounts a file system with one file, reads it by cat, and unmounts it. Needs root and /dev/fuse.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { attachMount, createFuseMount, openFuseDevice } from '@ordeal/fuse';
import { DeviceChannel, Session } from '@ordeal/fuse/session';
import { ATTR, ATTR_OUT, ATTR_OUT_ATTR, ENTRY_ATTR, ENTRY_OUT, OPCODE, OPEN_OUT } from '@ordeal/fuse/wire';
import { ERRNO, EventFd } from '@ordeal/linux';

const FILE = 2;
const content = Buffer.from('hello\n');

function attributes(node, reply, at) {
  reply.u64(at + ATTR.ino, node);
  reply.u64(at + ATTR.size, node === FILE ? content.length : 0);
  reply.u32(at + ATTR.mode, node === FILE ? 0o100644 : 0o40755);
  reply.u32(at + ATTR.nlink, 1);
}

/** Answers each request with the bytes of its reply, or with -errno. */
const handler = {
  handle(request, reply) {
    switch (request.opcode) {
      case OPCODE.LOOKUP:
        reply.zero(0, ENTRY_OUT);
        reply.u64(0, FILE);
        attributes(FILE, reply, ENTRY_ATTR);
        return ENTRY_OUT;
      case OPCODE.GETATTR:
        reply.zero(0, ATTR_OUT);
        attributes(request.nodeid, reply, ATTR_OUT_ATTR);
        return ATTR_OUT;
      case OPCODE.OPEN:
        reply.zero(0, OPEN_OUT);
        return OPEN_OUT;
      case OPCODE.READ:
        reply.bytes.set(content);
        return content.length;
      case OPCODE.FLUSH:
      case OPCODE.RELEASE:
        return 0;
      default:
        return -ERRNO.ENOSYS;
    }
  },
};

const directory = mkdtempSync(join(tmpdir(), 'hello-'));
const device = openFuseDevice();
const options = { source: 'hello', subtype: 'hello', rootMode: 0o40755, defaultPermissions: false };
const mount = createFuseMount(device, options);
attachMount(mount, directory);
mount.close();

const wakeUp = new EventFd();
const channel = new DeviceChannel(device.number, wakeUp.fd.number);
const init = { flags: 0, flags2: 0, maxWrite: 65536, maxStackDepth: 0 };
const session = new Session({ channel, handler, init, log: console.error });

// Only other processes may touch the mount: this thread serves it.
let answer;
execFile('cat', [join(directory, 'file')], (error, text) => {
  answer = error?.message ?? text;
});
while (answer === undefined) {
  session.step(5);
  await setImmediate();
}
process.stdout.write(answer);

for (const each of [session, channel, wakeUp, device]) each.close();
execFileSync('umount', [directory]);
rmdirSync(directory);
