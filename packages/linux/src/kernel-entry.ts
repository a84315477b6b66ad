import { readFileSync } from 'node:fs';
import { ERRNO } from '@ordeal/diagnostics';
import { machine } from './machine.js';
import { pause } from './pause.js';
import { readMemory } from './process-memory.js';
import { SyscallError } from './syscall-error.js';

/** How a process can be made to run system calls without changing its code. */
export interface KernelEntry {
  /** The address of an instruction that enters the kernel. */
  readonly gadget: bigint;
  /** Addresses of the sequences of {@link Machine.landing}, if the process has them. */
  readonly landing: { readonly callAndReturn: bigint; readonly sigreturn: bigint } | undefined;
  /** The first thread's stack, made by the kernel. */
  readonly stack: { readonly start: bigint; readonly end: bigint } | undefined;
}

/** Why a process cannot be made to run system calls; one without memory is about to end, or is the kernel's own. */
export type NoEntry = 'is a 32-bit program' | 'has no vdso' | 'has no memory';

const ELF_CLASS = 4;
const ELFCLASS64 = 2;
/** Larger code (a browser, a database) is not searched: the sequences are in libc, which is small. */
const MAX_SEARCHED = 16 << 20;

interface Range {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
}

/** During exec, a process has no vdso for a moment, or another one than was read. */
const ATTEMPTS = 10;
const PAUSE_MS = 1;

/**
 * Finds the entry in the process's vdso, and the rest in its code. Needs permission to trace the process; it need not
 * be stopped.
 *
 * @throws SyscallError, or an error of node:fs, if the process is gone or may not be read
 */
export function findKernelEntry(pid: number): KernelEntry | NoEntry {
  for (let attempt = 1; ; attempt++) {
    const found = lookForEntry(pid);
    if (found !== 'has no vdso' || attempt === ATTEMPTS) return found;
    pause(PAUSE_MS);
  }
}

/** Whether an entry found earlier is still valid: the process may have executed another program. */
export function isStillEntry(pid: number, { gadget, landing }: KernelEntry): boolean {
  const { syscallInstruction } = machine;
  const { callAndReturn, sigreturn } = machine.landing;
  return (
    holds(pid, gadget, syscallInstruction) &&
    (!landing ||
      (holds(pid, landing.callAndReturn, callAndReturn) && holds(pid, landing.sigreturn, sigreturn)))
  );
}

function holds(pid: number, address: bigint, pattern: Uint8Array): boolean {
  try {
    return Buffer.from(readMemory(pid, address, pattern.length)).equals(pattern);
  } catch (error) {
    if (error instanceof SyscallError) return false;
    throw error;
  }
}

function lookForEntry(pid: number): KernelEntry | NoEntry {
  const maps = readMaps(pid);
  if (maps === '') return 'has no memory';
  const code = ranges(maps, 'r-xp');
  const vdso = code.find(({ name }) => name === '[vdso]');
  // If the process ends while it is read, the list is cut off; the next one is then empty.
  const bytes = vdso && tryRead(pid, vdso);
  if (!vdso || !bytes) return readMaps(pid) === '' ? 'has no memory' : 'has no vdso';
  if (bytes[ELF_CLASS] !== ELFCLASS64) return 'is a 32-bit program';
  const gadget = find(bytes, machine.syscallInstruction);
  if (gadget === undefined) return 'has no vdso';
  return {
    gadget: vdso.start + BigInt(gadget),
    landing: findLanding(pid, code),
    stack: ranges(maps, 'rw-p').find(({ name }) => name === '[stack]'),
  };
}

function readMaps(pid: number): string {
  return readFileSync(`/proc/${pid}/maps`, 'latin1');
}

function findLanding(pid: number, code: readonly Range[]): KernelEntry['landing'] {
  let callAndReturn: bigint | undefined;
  let sigreturn: bigint | undefined;
  // ld.so and libc come last; the vdso of arm64 has both.
  for (const range of [...code].reverse()) {
    if (range.name === '[vsyscall]' || range.end - range.start > BigInt(MAX_SEARCHED)) continue;
    const bytes = tryRead(pid, range);
    if (!bytes) continue;
    const search = (pattern: Uint8Array) => {
      const at = find(bytes, pattern);
      return at === undefined ? undefined : range.start + BigInt(at);
    };
    callAndReturn ??= search(machine.landing.callAndReturn);
    sigreturn ??= search(machine.landing.sigreturn);
    if (callAndReturn !== undefined && sigreturn !== undefined) return { callAndReturn, sigreturn };
  }
  return undefined;
}

function find(bytes: Buffer, pattern: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1)) {
    if (at % machine.instructionAlignment === 0) return at;
  }
  return undefined;
}

function ranges(maps: string, permissions: string): Range[] {
  return [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/gm)]
    .filter((match) => match[3] === permissions)
    .map((match) => ({ start: BigInt(`0x${match[1]}`), end: BigInt(`0x${match[2]}`), name: match[4] ?? '' }));
}

/** `undefined` if the memory no longer exists or cannot be read. */
function tryRead(pid: number, { start, end }: Range): Buffer | undefined {
  try {
    return Buffer.from(readMemory(pid, start, Number(end - start)).buffer);
  } catch (error) {
    if (error instanceof SyscallError && error.errno === ERRNO.EFAULT) return undefined;
    throw error;
  }
}
