import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arm64 } from './machine-arm64.js';
import { x64 } from './machine-x64.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** A register set in which every 64-bit word tells its own place. */
function numbered(size: number): Uint8Array {
  return new Uint8Array(
    BigUint64Array.from({ length: size / 8 }, (_, index) => BigInt(index) + 0x100n).buffer,
  );
}

const word = (bytes: Uint8Array, offset: number) =>
  new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);

test('the arm64 routine, as an assembler (llvm-mc 14) encodes it', () => {
  assert.deepEqual(hex(arm64.routine(0)).match(/.{8}/g), [
    '680240f9', // loop: ldr x8, [x19]
    '0801f8b7', // tbnz x8, #63, end
    '608640a9', // ldp x0, x1, [x19, #8]
    '628e41a9', // ldp x2, x3, [x19, #24]
    '649642a9', // ldp x4, x5, [x19, #40]
    '010000d4', // svc #0
    '601e00f9', // str x0, [x19, #56]
    '73020191', // add x19, x19, #64
    'f8ffff17', // b loop
    '9f020091', // end: mov sp, x20
    '681180d2', // mov x8, #139
    '010000d4', // svc #0
  ]);
});

test('the x86-64 routine jumps back through its frame', () => {
  const code = x64.routine(0x10000);
  assert.equal(new DataView(code.buffer).getInt32(code.length - 4, true) + code.length, 0x10000);
  assert.equal(code[44], 0x4c, 'the loop is left to where rsp is set');
});

test('arm64: a call has its number in x8 and its arguments in x0 to x5', () => {
  const registers = arm64.forCall(numbered(272), 0x7000n, 56, [-100, 0x1234n]);
  assert.equal(word(registers, 64), 56n);
  assert.equal(word(registers, 0), 0xffffffffffffff9cn);
  assert.equal(word(registers, 8), 0x1234n);
  assert.equal(word(registers, 40), 0n);
  assert.equal(arm64.programCounter(registers), 0x7000n);
  assert.equal(word(registers, 248), 0x11fn, 'the stack stays');
});

test('arm64: the frame is what rt_sigreturn reads', () => {
  const floats = Uint8Array.from({ length: 528 }, (_, index) => index & 0xff);
  const frame = arm64.frame(numbered(272), 0xabcdn, floats);
  const mcontext = 128 + 176;
  assert.equal(word(frame, 128 + 40), 0xabcdn);
  assert.equal(word(frame, mcontext + 8), 0x100n, 'x0');
  assert.equal(word(frame, mcontext + 8 + 248), 0x11fn, 'sp');
  assert.equal(word(frame, mcontext + 8 + 256), 0x120n, 'pc');
  assert.equal(word(frame, mcontext + 288), 0x0000021046508001n, 'fpsimd_context');
  assert.deepEqual(frame.subarray(mcontext + 296, mcontext + 304), floats.subarray(512, 520), 'fpsr, fpcr');
  assert.deepEqual(frame.subarray(mcontext + 304, mcontext + 816), floats.subarray(0, 512), 'vectors');
  assert.equal(word(frame, mcontext + 816), 0n, 'end of records');
});

const ORIG_RAX = 120;
const RAX = 80;
const RIP = 128;

function interrupted(number: bigint, result: bigint): Uint8Array {
  const registers = numbered(216);
  const view = new DataView(registers.buffer);
  view.setBigInt64(ORIG_RAX, number, true);
  view.setBigInt64(RAX, result, true);
  return registers;
}

test('x86-64: the frame makes an interrupted call again, as the kernel would', () => {
  const frame = x64.frame(interrupted(0n, -512n), 0n, new Uint8Array());
  assert.equal(word(frame, 0), 0x100n + BigInt(RIP / 8) - 2n, 'rip is before the syscall instruction');
  assert.equal(word(frame, 16 + RAX), 0n, 'rax is the number of the call');
  assert.equal(
    word(x64.frame(interrupted(35n, -516n), 0n, new Uint8Array()), 16 + RAX),
    219n,
    'restart_syscall',
  );
});

test('x86-64: a call that has ended, and code that is in none, stay', () => {
  for (const registers of [interrupted(0n, 5n), interrupted(-1n, -512n)]) {
    assert.equal(word(x64.frame(registers, 0n, new Uint8Array()), 0), 0x100n + BigInt(RIP / 8));
  }
});

test('x86-64: the landing frame is what rt_sigreturn reads', () => {
  const state = new Uint8Array(832).fill(0x11);
  const registers = interrupted(-1n, 7n);
  new DataView(registers.buffer).setBigUint64(152, 0x8000_1234n, true);
  const { address, bytes } = x64.landingFrame(registers, 0xabcdn, state, 0x5000n);
  assert.equal(address % 64n, 0n);
  assert.ok(address + BigInt(bytes.length) <= 0x8000_1234n - 128n, 'it ends above the red zone');
  assert.equal(word(bytes, 0), 0x5000n, 'the return address');
  assert.equal(word(bytes, 48), word(numbered(216), 72), 'r8');
  assert.equal(word(bytes, 152), 7n, 'rax');
  assert.equal(word(bytes, 168), 0x8000_1234n, 'rsp');
  assert.equal(word(bytes, 304), 0xabcdn, 'the mask');
  assert.equal(word(bytes, 232), address + 448n, 'the floating point state');
  assert.equal(word(bytes, 448 + 464), (836n << 32n) | 0x46505853n, 'its size and magic');
  assert.equal(word(bytes, 448 + 472), 0x1111111111111111n, 'its features, from the regset');
  assert.equal(word(bytes, 448 + 832) & 0xffffffffn, 0x46505845n, 'the second magic');
});

test('arm64: after a call the return leads to rt_sigreturn, with the frame as the stack', () => {
  const registers = numbered(272);
  new DataView(registers.buffer).setBigUint64(248, 0x8000_1234n, true);
  const frame = arm64.landingFrame(registers, 0n, new Uint8Array(528), 0x5000n);
  assert.equal(frame.address % 16n, 0n);
  assert.ok(frame.address + BigInt(frame.bytes.length) <= 0x8000_1234n);
  const call = arm64.withLanding(registers, frame, 0x5000n);
  assert.equal(word(call, 248), frame.address);
  assert.equal(word(call, 240), 0x5000n, 'x30');
  assert.equal(hex(arm64.landing.callAndReturn), '010000d4c0035fd6');
  assert.equal(hex(arm64.landing.sigreturn), '681180d2010000d4');
});

test('a system call on x86-64 that was left is made once more, or has another result', () => {
  const [rip, rax, origRax, rdi] = [128, 80, 120, 112];
  const registers = numbered(x64.registerSetSize);
  const set = (offset: number, value: bigint) =>
    new DataView(registers.buffer).setBigUint64(offset, BigInt.asUintN(64, value), true);
  set(origRax, 1n);
  set(rax, -103n);
  const call = x64.leftCall(registers);
  assert.deepEqual([call?.number, call?.result, call?.args[0]], [1, -103, word(registers, rdi)]);
  const again = x64.repeatCall(registers);
  assert.equal(word(again, rip), word(registers, rip) - 2n, 'back at the instruction');
  assert.equal(word(again, rax), 1n);
  assert.equal(x64.leftCall(again), undefined, 'the kernel sees no call to restart');
  const answered = x64.withResult(registers, 7);
  assert.deepEqual([word(answered, rip), word(answered, rax)], [word(registers, rip), 7n]);
  assert.equal(x64.leftCall(answered), undefined);
  set(origRax, -1n);
  assert.equal(x64.leftCall(registers), undefined, 'it was in none');
});
