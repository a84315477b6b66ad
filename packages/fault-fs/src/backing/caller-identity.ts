import { readFileSync, readlinkSync } from 'node:fs';
import { call1, call2, LITTLE_ENDIAN, SYS, SyscallError, syscall, trySyscall } from '@ordeal/linux';
import type { Scratch } from './scratch.js';

// include/uapi/linux/capability.h
const VERSION_3 = 0x20080522;
const CAP_FSETID = 1n << 4n;
const CAP_SETGID = 1n << 6n;
const CAP_SETUID = 1n << 7n;
const CAP_SYS_RESOURCE = 1n << 24n;
const ALL = (1n << 64n) - 1n;
/** include/uapi/linux/sched.h */
const CLONE_FS = 0x200;
/** How long what was read from /proc is cached, in milliseconds, and for how many threads. */
const CACHED_FOR = 1000;
const REMEMBERED = 1024;

/** The kind of operation, as far as capabilities change its outcome. */
export const WORKS = [
  /** Creating files: the kernel has already checked the set-group-id bit against the caller's groups. */
  'make',
  /** Changing data of a file that keeps its set-id bits. */
  'change and keep set-id',
  /** Changing data of a file that loses its set-id bits. */
  'change and drop set-id',
  /** Changing data or owners where only the caller's capabilities and groups tell whether the set-id bits go. */
  'change',
] as const;

export type Work = (typeof WORKS)[number];

/** A caller's credentials besides uid and gid. */
interface Caller {
  readonly capabilities: bigint;
  /** Supplementary groups, as a list of numbers in decimal. */
  readonly groups: string;
}

/** A caller whose credentials cannot be read: the kernel itself, or a thread that has ended. */
const UNKNOWN: Caller = { capabilities: ALL, groups: '' };

/**
 * The credentials of the serving thread: it creates and writes as the caller, so that owners,
 * quotas and reserved blocks come out as on the underlying file system. Permissions were checked by the kernel against the
 * caller's own credentials (default_permissions), hence the capabilities to override them stay.
 *
 * Raw system calls: glibc's wrappers would change every thread of the process. A call is only made where something
 * changes, so a single caller costs nothing.
 */
export class CallerIdentity {
  readonly #scratch: Scratch;
  readonly #permitted: bigint;
  readonly #callers = new Map<number, { readonly caller: Caller; readonly until: number }>();
  #uid = 0;
  #gid = 0;
  #effective: bigint;
  #groups = '';
  #umask = -1;
  /** The identity that the thread assumed last, and until when that need not be checked again. */
  #pid = -1;
  #work: Work | undefined;
  #until = 0;

  /** Takes over the calling thread: it has its own umask and working directory from here on. @throws SyscallError */
  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    const { view, capabilitiesAt: at } = scratch;
    view.setUint32(at, VERSION_3, LITTLE_ENDIAN);
    view.setUint32(at + 4, 0, LITTLE_ENDIAN);
    const result = call2(SYS.capget, scratch.capabilities, scratch.capabilities + 8);
    if (result < 0) throw new SyscallError('capget', -result);
    this.#permitted = this.#readSet(4);
    this.#effective = this.#readSet(0);
    syscall('unshare(CLONE_FS)', SYS.unshare, CLONE_FS);
    syscall('setgroups', SYS.setgroups, 0, 0);
  }

  /**
   * Assumes the caller's identity for `work`. @param pid the calling thread, for capabilities that a root user may lack
   */
  assume(uid: number, gid: number, pid: number, work: Work): void {
    const same = work === this.#work && uid === this.#uid && gid === this.#gid && pid === this.#pid;
    const mayDropSetId = work === 'change' || work === 'change and drop set-id';
    if (same && ((uid !== 0 && !mayDropSetId) || performance.now() < this.#until)) return;
    const caller = uid === 0 || mayDropSetId ? this.#callerOf(pid) : UNKNOWN;
    // A container's root usually may not exceed quotas and use reserved blocks.
    const has = uid === 0 ? caller.capabilities : 0n;
    let drop = CAP_SYS_RESOURCE & ~has;
    if (work === 'change') drop |= CAP_FSETID & ~has;
    if (work === 'change and drop set-id') drop |= CAP_FSETID;
    // Members of a file's group keep a set-group-id bit that nobody can execute.
    if (mayDropSetId) this.#join(caller.groups);
    this.#become(uid, gid, this.#permitted & ~drop);
    this.#pid = pid;
    this.#work = work;
    this.#until = this.#callers.get(pid)?.until ?? 0;
  }

  /**
   * Assumes the caller's identity with no more than the caller's capabilities. @returns false if they cannot be read
   */
  assumeStrictly(uid: number, gid: number, pid: number): boolean {
    const effective = pid > 0 ? effectiveHere(pid) : undefined;
    if (effective === undefined) return false;
    this.#become(uid, gid, this.#permitted & effective);
    return true;
  }

  /** Assumes the server's own identity again. */
  resume(): void {
    this.#become(0, 0, this.#permitted);
  }

  /** The mask for what is made next: the backing file system combines it with default ACLs. */
  umask(mask: number): void {
    if (mask === this.#umask) return;
    call1(SYS.umask, mask);
    this.#umask = mask;
  }

  #join(groups: string): void {
    if (groups === this.#groups) return;
    this.#needCapabilities(CAP_SETGID);
    const list = Uint32Array.from(groups.split(' ').filter(Boolean), Number);
    trySyscall(SYS.setgroups, list.length, new Uint8Array(list.buffer));
    this.#groups = groups;
  }

  /** Changing identities takes capabilities that the last caller may not have had. */
  #needCapabilities(wanted: bigint): void {
    if ((this.#effective & wanted) !== wanted) this.#setEffective(this.#permitted);
  }

  #become(uid: number, gid: number, effective: bigint): void {
    this.#work = undefined;
    if (gid !== this.#gid || uid !== this.#uid) this.#needCapabilities(CAP_SETGID | CAP_SETUID);
    if (gid !== this.#gid) {
      call1(SYS.setfsgid, gid);
      this.#gid = gid;
    }
    if (uid !== this.#uid) {
      // Changing between 0 and another makes the kernel drop or raise capabilities (man 7 capabilities).
      call1(SYS.setfsuid, uid);
      this.#uid = uid;
      this.#effective = ALL;
    }
    if (effective !== this.#effective) this.#setEffective(effective);
  }

  #setEffective(effective: bigint): void {
    const { view, capabilitiesAt: at, capabilities } = this.#scratch;
    view.setUint32(at, VERSION_3, LITTLE_ENDIAN);
    view.setUint32(at + 4, 0, LITTLE_ENDIAN);
    // Two struct __user_cap_data_struct: effective, permitted, inheritable of the low and of the high 32 bits.
    for (const [base, shift] of [[at + 8, 0n] as const, [at + 20, 32n] as const]) {
      view.setUint32(base, Number((effective >> shift) & 0xffffffffn), LITTLE_ENDIAN);
      view.setUint32(base + 4, Number((this.#permitted >> shift) & 0xffffffffn), LITTLE_ENDIAN);
      view.setUint32(base + 8, 0, LITTLE_ENDIAN);
    }
    const result = call2(SYS.capset, capabilities, capabilities + 8);
    if (result < 0) throw new SyscallError('capset', -result);
    this.#effective = effective;
  }

  #readSet(offset: number): bigint {
    const { view, capabilitiesAt: at } = this.#scratch;
    const low = view.getUint32(at + 8 + offset, LITTLE_ENDIAN);
    return BigInt(low) | (BigInt(view.getUint32(at + 20 + offset, LITTLE_ENDIAN)) << 32n);
  }

  #callerOf(pid: number): Caller {
    if (pid === 0) return UNKNOWN;
    const known = this.#callers.get(pid);
    const now = performance.now();
    if (known && known.until > now) return known.caller;
    const caller = readCaller(pid) ?? UNKNOWN;
    if (this.#callers.size >= REMEMBERED) this.#callers.clear();
    this.#callers.set(pid, { caller, until: now + CACHED_FOR });
    return caller;
  }
}

/** A thread's credentials; `undefined` if it has ended or lives in another pid namespace. */
function readCaller(pid: number): Caller | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const digits = /^CapEff:\s*([0-9a-f]+)$/m.exec(text)?.[1];
    if (digits === undefined) return undefined;
    const groups = /^Groups:\s*([0-9 ]*)$/m.exec(text)?.[1]?.trim() ?? '';
    return { capabilities: BigInt(`0x${digits}`), groups };
  } catch {
    return undefined;
  }
}

/** The capabilities of a thread, but none if they only count in a user namespace of its own. */
function effectiveHere(pid: number): bigint | undefined {
  try {
    const same = readlinkSync(`/proc/${pid}/ns/user`) === readlinkSync('/proc/self/ns/user');
    return same ? readCaller(pid)?.capabilities : 0n;
  } catch {
    return undefined;
  }
}
