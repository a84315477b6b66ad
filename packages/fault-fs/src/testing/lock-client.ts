// A process that takes locks on a file on command: lines on its input, one answer on its output for each.
// `posix TYPE START LENGTH`, `posixw …` (waits), `ofd …`, `ofdw …`, `flock OPERATION`, `close`. SIGWINCH only wakes it.
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { errnoName, LITTLE_ENDIAN, SYS, trySyscall } from '@ordeal/linux';

// include/uapi/asm-generic/fcntl.h
const commands: { readonly [name: string]: number } = { posix: 6, posixw: 7, ofd: 37, ofdw: 38 };

process.on('SIGWINCH', () => undefined);
const fd = openSync(process.argv[2] ?? '', 'r+');
for await (const line of createInterface({ input: process.stdin })) {
  const result = obey(line.split(' '));
  writeSync(1, `${result < 0 ? errnoName(-result) : 'ok'}\n`);
}

function obey([name = '', ...numbers]: string[]): number {
  const [first = 0, start = 0, length = 0] = numbers.map(Number);
  if (name === 'flock') return trySyscall(SYS.flock, fd, first);
  if (name === 'close') return trySyscall(SYS.close, openSync(process.argv[2] ?? '', 'r'));
  const flock = new DataView(new ArrayBuffer(32));
  flock.setInt16(0, first, LITTLE_ENDIAN);
  flock.setBigInt64(8, BigInt(start), LITTLE_ENDIAN);
  flock.setBigInt64(16, BigInt(length), LITTLE_ENDIAN);
  return trySyscall(SYS.fcntl, fd, commands[name] ?? -1, new Uint8Array(flock.buffer));
}
