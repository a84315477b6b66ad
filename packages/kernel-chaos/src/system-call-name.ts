import { type Btf, findFunction } from '@ordeal/bpf';
import type { KernelFacts } from './kernel-facts.js';

/**
 * System calls whose function has another name: arch/x86/entry/syscalls/syscall_64.tbl, and for arm64
 * include/uapi/asm-generic/unistd.h.
 */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['fstat', 'newfstat'],
  ['lstat', 'newlstat'],
  ['sendfile', 'sendfile64'],
  ['stat', 'newstat'],
  ['umount2', 'umount'],
  ['uname', 'newuname'],
]);
const CALLS: ReadonlyMap<string, string> = new Map([...RENAMED].map(([call, name]) => [name, call]));

/**
 * The function that serves a system call of the kernel's own architecture; undefined if the kernel has no such system
 * call. A call without arguments is known by its body's name on x86-64 (arch/x86/include/asm/syscall_wrapper.h).
 */
export function systemCallFunction(
  { btf, arch }: { readonly btf: Btf; readonly arch: KernelFacts['arch'] },
  call: string,
): string | undefined {
  const name = RENAMED.get(call) ?? call;
  return [`__${arch}_sys_${name}`, `__do_sys_${name}`].find((each) => findFunction(btf, each));
}

/** The system call that a function serves, as programs know it; undefined if it serves none, or one of another age. */
export function systemCallOf(name: string): string | undefined {
  const [, call] = /^__(?:x64_|arm64_|do_)sys_(\w+)$/.exec(name) ?? [];
  return call === undefined || RENAMED.has(call) ? undefined : (CALLS.get(call) ?? call);
}
