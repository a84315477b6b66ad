import koffi from 'koffi';
import { LITTLE_ENDIAN } from './bytes.js';
import { bytesOfWords, loadCode, type MachineCode, withSignalsBlocked } from './machine-code.js';
import { PageMemory } from './page-memory.js';
import { openPidfd } from './pidfd.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/sched.h
const CLONE_VM = 0x100;
const CLONE_FILES = 0x400;
const CLONE_PARENT = 0x8000;
const CLONE_UNTRACED = 0x800000;
const STACK_SIZE = 16384;
// include/uapi/linux/futex.h
const FUTEX_WAKE_PRIVATE = 1 | 128;
// include/uapi/asm-generic/poll.h
const POLLIN = 1;
/**
 * At the low end of the stack, which the code does not use: the name, at most 15 bytes (PR_SET_NAME); a word; the descriptor
 * to close; `struct pollfd` with the pidfd of the process that holds the descriptors; the pid of its parent.
 */
const AT = { word: 16, closing: 20, pollfd: 24, parent: 32 } as const;

/**
 * prctl(PR_SET_PDEATHSIG, SIGKILL); prctl(PR_SET_NAME, name); if (getppid() != parent) exit(0);
 * while (word == 0) futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL); prctl(PR_SET_PDEATHSIG, 0); ppoll(&pollfd, 1, NULL, NULL, 0); close(closing); for (;;) ppoll(NULL, 0, NULL, NULL, 0).
 * Position independent, without a stack; the argument is the address of the name.
 */
const CODE: MachineCode = {
  x64: [
    ...[0x49, 0x89, 0xfc], // mov r12, rdi
    ...[0xb8, 157, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0xbe, 9, 0, 0, 0, 0x0f, 0x05], // eax 157, edi 1, esi 9, syscall
    ...[0xb8, 157, 0, 0, 0, 0xbf, 15, 0, 0, 0, 0x4c, 0x89, 0xe6, 0x0f, 0x05], // eax 157, edi 15, rsi r12, syscall
    ...[0xb8, 110, 0, 0, 0, 0x0f, 0x05], // eax 110, syscall
    ...[0x41, 0x3b, 0x44, 0x24, AT.parent, 0x74, 9], // cmp eax, [r12 + 32]; je to the lea
    ...[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05], // eax 60, edi 0, syscall
    ...[0x49, 0x8d, 0x7c, 0x24, AT.word], // lea rdi, [r12 + 16]
    ...[0xb8, 202, 0, 0, 0, 0xbe, 128, 0, 0, 0, 0x31, 0xd2, 0x45, 0x31, 0xd2, 0x0f, 0x05], // eax 202, esi 128, rdx, r10 = 0, syscall
    ...[0x41, 0x83, 0x7c, 0x24, AT.word, 0, 0x74, 0xe2], // cmp dword [r12 + 16], 0; je to the lea
    ...[0xb8, 157, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x31, 0xf6, 0x0f, 0x05], // eax 157, edi 1, esi 0, syscall
    ...[0x49, 0x8d, 0x7c, 0x24, AT.pollfd], // lea rdi, [r12 + 24]
    ...[0xb8, 0x0f, 0x01, 0, 0, 0xbe, 1, 0, 0, 0], // eax 271, esi 1
    ...[0x31, 0xd2, 0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0, 0x0f, 0x05], // rdx, r10, r8 = 0, syscall
    ...[0x41, 0x8b, 0x7c, 0x24, AT.closing, 0xb8, 3, 0, 0, 0, 0x0f, 0x05], // mov edi, [r12 + 20]; eax 3, syscall
    ...[0x31, 0xff, 0x31, 0xf6, 0x31, 0xd2, 0x45, 0x31, 0xd2, 0x45, 0x31, 0xc0], // rdi, rsi, rdx, r10, r8 = 0
    ...[0xb8, 0x0f, 0x01, 0, 0, 0x0f, 0x05], // eax 271, syscall
    ...[0xeb, 0xeb], // back to the zeroes
  ],
  arm64: bytesOfWords([
    0xaa0003f3, // mov x19, x0
    0xd28014e8, // mov x8, 167
    0xd2800020, // mov x0, 1
    0xd2800121, // mov x1, 9
    0xd4000001, // svc 0
    0xd28014e8, // mov x8, 167
    0xd28001e0, // mov x0, 15
    0xaa1303e1, // mov x1, x19
    0xd4000001, // svc 0
    0xd28015a8, // mov x8, 173
    0xd4000001, // svc 0
    0xb9402261, // ldr w1, [x19, 32]
    0x6b01001f, // cmp w0, w1
    0x54000080, // b.eq .+16
    0xd2800ba8, // mov x8, 93
    0xd2800000, // mov x0, 0
    0xd4000001, // svc 0
    0x91004260, // add x0, x19, 16
    0xd2801001, // mov x1, 128
    0xd2800002,
    0xd2800003,
    0xd2800c48, // mov x8, 98
    0xd4000001, // svc 0
    0xb9401260, // ldr w0, [x19, 16]
    0x34ffff20, // cbz w0, .-28
    0xd28014e8, // mov x8, 167
    0xd2800020, // mov x0, 1
    0xd2800001, // mov x1, 0
    0xd4000001, // svc 0
    0x91006260, // add x0, x19, 24
    0xd2800021, // mov x1, 1
    0xd2800002,
    0xd2800003,
    0xd2800004,
    0xd2800928, // mov x8, 73
    0xd4000001, // svc 0
    0xb9401660, // ldr w0, [x19, 20]
    0xd2800728, // mov x8, 57
    0xd4000001, // svc 0
    0xd2800928, // mov x8, 73
    0xd2800000, // mov x0, 0
    0xd2800001,
    0xd2800002,
    0xd2800003,
    0xd2800004,
    0xd4000001, // svc 0
    0x17fffff9, // b .-28
  ]),
};

/** The memory that such a process uses is never unmapped. */
const kept: PageMemory[] = [];

/** A process that holds the descriptors of this one. */
export interface DescriptorKeeper {
  readonly pid: number;
  /**
   * From now on it is not killed with the parent: the caller makes sure that somebody ends it. To be called once.
   *
   * @param closing a descriptor that it closes when this process has ended
   */
  readonly outliveParent: (closing: number) => void;
}

/**
 * Starts a process that holds the descriptors of this one and does nothing: it shares the table (CLONE_FILES), whatever is
 * opened or closed later. So open files and their locks outlive this process even if it is killed, and can be reached
 * through `/proc/PID/fd`.
 *
 * It is a child of this process's parent, and is killed when the thread of the parent that started this process ends, until
 * {@link DescriptorKeeper.outliveParent}. If the parent has ended by now, it ends at once.
 * It shares this process's memory but does not touch it, blocks all signals, and has the name `name`. To be called on
 * the first thread; the caller kills it.
 *
 * @param name at most 15 bytes
 * @param parent the pid of the process that has started this one, as that has told it: it may have ended before this one could ask
 * @throws SyscallError; UnsupportedError on another architecture than x86-64 and arm64
 */
export function keepDescriptors(name: string, parent: number): DescriptorKeeper {
  const code = loadCode(CODE);
  const stack = new PageMemory(STACK_SIZE);
  kept.push(code, stack);
  stack.bytes.set(Buffer.from(name).subarray(0, 15));
  stack.view.setInt32(AT.parent, parent, LITTLE_ENDIAN);
  const clone = koffi.load(null).func('int clone(uintptr_t, uintptr_t, int, uintptr_t)') as (
    ...args: (number | bigint)[]
  ) => number;
  const flags = CLONE_VM | CLONE_FILES | CLONE_PARENT | CLONE_UNTRACED;
  const [pid, errno] = withSignalsBlocked(() => [
    clone(code.address, stack.address + stack.length, flags, stack.address),
    koffi.errno(),
  ]);
  if (pid < 0) throw new SyscallError('clone', errno);
  const outliveParent = (closing: number) => {
    const { view } = stack;
    const self = openPidfd(process.pid);
    view.setInt32(AT.closing, closing, LITTLE_ENDIAN);
    view.setInt32(AT.pollfd, self.number, LITTLE_ENDIAN);
    view.setInt16(AT.pollfd + 4, POLLIN, LITTLE_ENDIAN);
    view.setInt32(AT.word, 1, LITTLE_ENDIAN);
    trySyscall(SYS.futex, stack.address + AT.word, FUTEX_WAKE_PRIVATE, 1, 0, 0, 0);
  };
  return { pid, outliveParent };
}
