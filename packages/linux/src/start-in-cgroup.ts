import koffi from 'koffi';
import { addressOf, cString, LITTLE_ENDIAN } from './bytes.js';
import { bytesOfWords, loadCode, type MachineCode, withSignalsBlocked } from './machine-code.js';
import type { PageMemory } from './page-memory.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/sched.h
const CLONE_VM = 0x100n;
const CLONE_VFORK = 0x4000n;
const CLONE_CLEAR_SIGHAND = 0x1_0000_0000n;
const CLONE_INTO_CGROUP = 0x2_0000_0000n;
const PR_SET_NAME = 15;
const SIG_SETMASK = 2;
const SIGPIPE = 13;
const SIGCHLD = 17;
/** struct clone_args: flags, exit_signal and cgroup are the 1st, 5th and 11th of its words. */
const CLONE_ARGS = { size: 88, flags: 0, exitSignal: 32, cgroup: 80 } as const;
/** Words of a call: its number and five arguments. */
const WORDS = 6;

/**
 * long start(struct clone_args *, size_t, table): clone3(2); the child makes the calls of the table one after the other,
 * whatever they return. It uses no stack.
 */
const CODE: MachineCode = {
  x64: [
    ...[0x49, 0x89, 0xd0, 0xb8, 0xb3, 1, 0, 0, 0x0f, 0x05], // mov r8, rdx; eax 435, syscall
    ...[0x48, 0x85, 0xc0, 0x74, 1, 0xc3], // test rax, rax; je over the ret
    ...[0x4d, 0x89, 0xc4], // mov r12, r8
    ...[0x49, 0x8b, 0x04, 0x24], // mov rax, [r12]
    ...[0x49, 0x8b, 0x7c, 0x24, 8, 0x49, 0x8b, 0x74, 0x24, 16], // rdi, rsi
    ...[0x49, 0x8b, 0x54, 0x24, 24, 0x4d, 0x8b, 0x54, 0x24, 32], // rdx, r10
    ...[0x4d, 0x8b, 0x44, 0x24, 40, 0x0f, 0x05], // r8, syscall
    ...[0x49, 0x83, 0xc4, WORDS * 8, 0xeb, 0xdb], // add r12, 48; back to the rax
  ],
  arm64: bytesOfWords([
    0xd2803668, // mov x8, 435
    0xd4000001, // svc 0
    0xb4000040, // cbz x0, over the ret
    0xd65f03c0, // ret
    0xaa0203f3, // mov x19, x2
    0xf9400268, // ldr x8, [x19]
    0xf9400660, // ldr x0, [x19, 8]
    0xf9400a61, // ldr x1, [x19, 16]
    0xf9400e62, // ldr x2, [x19, 24]
    0xf9401263, // ldr x3, [x19, 32]
    0xf9401664, // ldr x4, [x19, 40]
    0xd4000001, // svc 0
    0x9100c273, // add x19, x19, 48
    0x17fffff8, // b to the ldr x8
  ]),
};

/** A command that is started in a cgroup. Descriptors are the caller's. */
export interface StartInCgroup {
  /** Of the cgroup's directory. */
  readonly cgroup: number;
  /** Of the working directory. */
  readonly directory: number;
  readonly command: readonly string[];
  /** Standard input, output and error. */
  readonly stdio: readonly [number, number, number];
  /** Of the thread until it becomes the command, at most 15 bytes. */
  readonly name: string;
}

/**
 * Starts a command that is in the cgroup from its first moment: nothing is moved there, which takes the kernel milliseconds. It
 * has a session of its own, this process's environment, and all signals as usual. A name without a slash is looked for in
 * PATH; what cannot be executed itself is left to `/bin/sh`, which says what is wrong.
 *
 * @returns its pid, a child of this process that the caller waits for
 * @throws SyscallError; UnsupportedError on another architecture than x86-64 and arm64
 */
export function startInCgroup(request: StartInCgroup): number {
  const { cgroup } = request;
  const memory: Uint8Array[] = [];
  const table = tableOf(request, (bytes) => {
    memory.push(bytes);
    return addressOf(bytes);
  });
  const args = new DataView(new ArrayBuffer(CLONE_ARGS.size));
  const flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP;
  args.setBigUint64(CLONE_ARGS.flags, flags, LITTLE_ENDIAN);
  args.setBigUint64(CLONE_ARGS.exitSignal, BigInt(SIGCHLD), LITTLE_ENDIAN);
  args.setBigUint64(CLONE_ARGS.cgroup, BigInt(cgroup), LITTLE_ENDIAN);
  memory.push(table, new Uint8Array(args.buffer));
  code ??= loadCode(CODE);
  const entry = BigInt(code.address);
  const address = addressOf(new Uint8Array(args.buffer));
  const result = withSignalsBlocked(() =>
    Number(koffi.call(entry, PROTOTYPE, address, CLONE_ARGS.size, addressOf(table))),
  );
  lastChild.memory = memory;
  if (result < 0) throw new SyscallError('clone3', -result);
  return result;
}

// As for system calls: what the child reads must not be collected before it has.
const lastChild: { memory: readonly Uint8Array[] } = { memory: [] };
let code: PageMemory | undefined;

const PROTOTYPE = koffi.proto('long start_in_cgroup(uintptr_t, uintptr_t, uintptr_t)');

/** The calls of the child. @param keep keeps bytes, and tells where */
function tableOf(request: StartInCgroup, keep: (bytes: Uint8Array) => bigint): Uint8Array {
  const { directory, command, stdio, name } = request;
  const strings = (texts: readonly string[]) =>
    keep(words([...texts.map((text) => keep(cString(text))), 0n]));
  const environment = strings(Object.entries(process.env).map(([key, value]) => `${key}=${value}`));
  const zeros = keep(new Uint8Array(32));
  const execute = (path: string, argv: readonly string[]): Call => [
    SYS.execve,
    keep(cString(path)),
    strings(argv),
    environment,
  ];
  const calls: readonly Call[] = [
    [SYS.prctl, PR_SET_NAME, keep(cString(name))],
    [SYS.setsid],
    [SYS.fchdir, directory],
    ...stdio.map((fd, index): Call => [SYS.dup3, fd, index, 0]),
    // Node ignores it, and what is ignored stays so.
    [SYS.rt_sigaction, SIGPIPE, zeros, 0, 8],
    [SYS.rt_sigprocmask, SIG_SETMASK, zeros, 0, 8],
    ...candidatesOf(command[0] ?? '').map((path) => execute(path, command)),
    execute('/bin/sh', ['sh', '-c', 'exec "$@"', 'ordeal', ...command]),
    [SYS.exit_group, 127],
  ];
  return words(calls.flatMap((call) => [...call.map(BigInt), ...Array(WORDS - call.length).fill(0n)]));
}

type Call = readonly (number | bigint)[];

function candidatesOf(name: string): string[] {
  if (name.includes('/')) return [name];
  const directories = (process.env.PATH ?? '').split(':');
  return directories.filter((each) => each !== '').map((each) => `${each}/${name}`);
}

function words(values: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  for (const [index, value] of values.entries()) view.setBigUint64(index * 8, value, LITTLE_ENDIAN);
  return new Uint8Array(view.buffer);
}
