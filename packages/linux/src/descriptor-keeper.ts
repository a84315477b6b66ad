import { arch } from 'node:process';
import { UnsupportedError } from '@ordeal/diagnostics';
import koffi from 'koffi';
import { PageMemory } from './page-memory.js';
import { syscall, trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/sched.h
const CLONE_VM = 0x100;
const CLONE_FILES = 0x400;
const CLONE_PARENT = 0x8000;
const CLONE_UNTRACED = 0x800000;
const SIG_SETMASK = 2;
const PROT_READ_EXEC = 5;
const STACK_SIZE = 16384;
/** Room for the code before the name, which is at most 15 bytes long (PR_SET_NAME). */
const NAME_AT = 256;

/**
 * prctl(PR_SET_PDEATHSIG, SIGKILL); prctl(PR_SET_NAME, name); for (;;) ppoll(NULL, 0, NULL, NULL, 0). Position
 * independent, without a stack; the name is the argument.
 */
const CODE: { readonly [architecture: string]: readonly number[] } = {
  x64: [
    ...[0x49, 0x89, 0xfc], // mov r12, rdi
    ...[0xb8, 157, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0xbe, 9, 0, 0, 0, 0x0f, 0x05], // eax 157, edi 1, esi 9, syscall
    ...[0xb8, 157, 0, 0, 0, 0xbf, 15, 0, 0, 0, 0x4c, 0x89, 0xe6, 0x0f, 0x05], // eax 157, edi 15, rsi r12, syscall
    ...[0x31, 0xff, 0x31, 0xf6, 0x31, 0xd2, 0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0], // rdi, rsi, rdx, r10, r8 = 0
    ...[0xb8, 0x0f, 0x01, 0, 0, 0x0f, 0x05], // eax 271, syscall
    ...[0xeb, 0xeb], // back to the zeroes
  ],
  arm64: [
    0xaa0003f3, // mov x19, x0
    0xd28014e8, // mov x8, 167
    0xd2800020, // mov x0, 1
    0xd2800121, // mov x1, 9
    0xd4000001, // svc 0
    0xd28014e8, // mov x8, 167
    0xd28001e0, // mov x0, 15
    0xaa1303e1, // mov x1, x19
    0xd4000001, // svc 0
    0xd2800928, // mov x8, 73
    0xd2800000, // mov x0, 0
    0xd2800001,
    0xd2800002,
    0xd2800003,
    0xd2800004,
    0xd4000001, // svc 0
    0x17fffff9, // b .-28
  ].flatMap((word) => [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, word >>> 24]),
};

const kept: PageMemory[] = [];

/**
 * Starts a process that holds the descriptors of this one and does nothing: it shares the table (CLONE_FILES), whatever is
 * opened or closed later. So open files and their locks outlive this process even if it is killed, and can be reached
 * through `/proc/PID/fd`.
 *
 * It is a child of this process's parent, and is killed when the thread of the parent that started this process ends.
 * It shares this process's memory but does not touch it, blocks all signals, and has the name `name`. To be called on
 * the first thread; the caller kills it.
 *
 * @param name at most 15 bytes
 * @returns its process id
 * @throws SyscallError; UnsupportedError on another architecture than x86-64 and arm64
 */
export function keepDescriptors(name: string): number {
  const instructions = CODE[arch];
  if (!instructions) throw new UnsupportedError('ORD-501', arch, `There is no code for a process on ${arch}`);
  const code = new PageMemory(NAME_AT + 16);
  const stack = new PageMemory(STACK_SIZE);
  kept.push(code, stack);
  code.bytes.set(instructions);
  code.bytes.set(Buffer.from(name).subarray(0, 15), NAME_AT);
  syscall('mprotect', SYS.mprotect, code.address, code.length, PROT_READ_EXEC);
  const clone = koffi.load(null).func('int clone(uintptr_t, uintptr_t, int, uintptr_t)') as (
    ...args: (number | bigint)[]
  ) => number;
  const mask = new Uint8Array(8);
  trySyscall(SYS.rt_sigprocmask, SIG_SETMASK, new Uint8Array(8).fill(0xff), mask, 8);
  const flags = CLONE_VM | CLONE_FILES | CLONE_PARENT | CLONE_UNTRACED;
  const pid = clone(code.address, stack.address + stack.length, flags, code.address + NAME_AT);
  const errno = koffi.errno();
  trySyscall(SYS.rt_sigprocmask, SIG_SETMASK, mask, 0, 8);
  if (pid < 0) throw new SyscallError('clone', errno);
  return pid;
}
