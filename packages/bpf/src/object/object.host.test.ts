import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { leakedFds, traceFds } from '@ordeal/linux';
import { ProgramBuilder } from '../asm/builder.js';
import { FP, R0, R1, R2, R3, R4 } from '../asm/register.js';
import { Btf } from '../btf/btf.js';
import { attachProgram } from './link.js';
import { BpfMap, u32Key } from './map.js';
import { loadProgram } from './program.js';
import { readProgramInfo } from './program-info.js';
import { RingBuffer } from './ring-buffer.js';
import { VerifierError } from './verifier-error.js';

traceFds();
const btf = new Btf(readFileSync('/sys/kernel/btf/vmlinux'));
after(() => assert.deepEqual(leakedFds(), []));

test('a map keeps its entries', () => {
  const map = BpfMap.create({ name: 'sample', type: 'hash', keySize: 4, valueSize: 4, entries: 8 });
  assert.equal(map.lookup(u32Key(1)), undefined);
  map.update(u32Key(1), u32Key(77));
  map.update(u32Key(2), u32Key(78));
  assert.deepEqual(map.lookup(u32Key(1)), u32Key(77));
  assert.equal(map.keys().length, 2);
  map.delete(u32Key(1));
  map.delete(u32Key(1));
  assert.equal(map.lookup(u32Key(1)), undefined);
  map.close();
});

test('a map refuses keys and values shorter than its own', () => {
  const map = BpfMap.create({ name: 'sample', type: 'hash', keySize: 4, valueSize: 8, entries: 8 });
  const short = /^map sample: a (key|value) of \d bytes, not \d$/;
  assert.throws(() => map.lookup(new Uint8Array(3)), { name: 'RangeError', message: short });
  assert.throws(() => map.update(u32Key(1), u32Key(1)), { name: 'RangeError', message: short });
  map.close();
});

test('a program counts calls while it is attached and not after', () => {
  const map = BpfMap.create({ name: 'calls', type: 'array', keySize: 4, valueSize: 8, entries: 1 });
  const instructions = new ProgramBuilder()
    .loadMapValue(R1, 'calls')
    .constant(R0, 1)
    .atomicAdd(R1, 0, R0)
    .constant(R0, 0)
    .exit()
    .build();
  const spec = {
    name: 'count',
    attachment: { kind: 'raw_tracepoint', tracepoint: 'sys_enter' },
    instructions,
  } as const;
  const program = loadProgram(spec, btf, new Map([['calls', map]]));
  const count = () => new DataView(map.lookup(u32Key(0))?.buffer ?? new ArrayBuffer(8)).getBigUint64(0, true);
  const link = attachProgram(program);
  readFileSync('/proc/self/comm');
  link.close();
  const counted = count();
  assert.ok(counted > 0n);
  readFileSync('/proc/self/comm');
  assert.equal(count(), counted);
  assert.equal(readProgramInfo(program).verifiedInstructions, 5);
  program.fd.close();
  map.close();
});

test('the error of a refused program has the message of the verifier', () => {
  const instructions = new ProgramBuilder().exit().build();
  const spec = {
    name: 'bad',
    attachment: { kind: 'raw_tracepoint', tracepoint: 'sys_enter' },
    instructions,
  } as const;
  assert.throws(
    () => loadProgram(spec, btf, new Map()),
    (error: unknown) =>
      error instanceof VerifierError &&
      error.message === 'BPF program bad: EACCES: R0 !read_ok' &&
      error.detail.length === 1,
  );
});

test('records come out of a ring buffer in order, also across its end', () => {
  const ring = BpfMap.create({ name: 'ring', type: 'ringbuf', keySize: 0, valueSize: 0, entries: 1 << 16 });
  const instructions = new ProgramBuilder()
    .call('get_current_pid_tgid')
    .store('u64', FP, -16, R0)
    .call('ktime_get_ns')
    .store('u64', FP, -8, R0)
    .loadMap(R1, 'ring')
    .mov(R2, FP)
    .aluImmediate('add', R2, -16)
    .constant(R3, 16)
    .constant(R4, 0)
    .call('ringbuf_output')
    .constant(R0, 0)
    .exit()
    .build();
  const spec = {
    name: 'tell',
    attachment: { kind: 'raw_tracepoint', tracepoint: 'sys_enter' },
    instructions,
  } as const;
  const program = loadProgram(spec, btf, new Map([['ring', ring]]));
  const reader = new RingBuffer(ring);
  const link = attachProgram(program);
  const times: bigint[] = [];
  for (let turn = 0; turn < 50; turn++) {
    for (let call = 0; call < 20; call++) readFileSync('/proc/self/comm');
    for (const record of reader.read()) {
      const view = new DataView(record.buffer);
      assert.equal(record.length, 16);
      // This thread only: others may be between the clock and the ring.
      if (view.getUint32(0, true) === process.pid) times.push(view.getBigUint64(8, true));
    }
  }
  link.close();
  assert.ok(times.length > 1000, `${times.length} records`);
  assert.ok(times.every((time, index) => index === 0 || (times[index - 1] ?? 0n) <= time));
  reader.close();
  reader.close();
  program.fd.close();
  ring.close();
});

test('if the second part of a ring cannot be mapped, the first is unmapped', () => {
  // BPF_F_MMAPABLE: an array of one page can be mapped, but nothing behind it.
  const map = BpfMap.create({
    name: 'no_ring',
    type: 'array',
    keySize: 4,
    valueSize: 4096,
    entries: 1,
    flags: 1 << 10,
  });
  const mapped = () =>
    readFileSync('/proc/self/maps', 'latin1')
      .split('\n')
      .filter((line) => line.includes('bpf-map'));
  const before = mapped();
  assert.throws(() => new RingBuffer(map), { name: 'SyscallError' });
  assert.deepEqual(mapped(), before);
  map.close();
});
