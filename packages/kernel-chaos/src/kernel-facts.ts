import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { Btf, hasMember } from '@ordeal/bpf';
import { OrdealError, UnsupportedError } from '@ordeal/diagnostics';
import { type GfpFlags, gfpFlagsOfBtf, parseGfpFlags } from './gfp-flags.js';
import { type InjectionList, readInjectionList } from './injection-list.js';

/** What a plan needs to know about a kernel. Pure data: it may describe another machine. */
export interface KernelFacts {
  readonly btf: Btf;
  readonly arch: 'x64' | 'arm64';
  /** `uname -r` */
  readonly release: string;
  /** Values of `GFP_*` and `__GFP_*`. */
  readonly gfp: GfpFlags;
  /** The functions that this kernel allows to fail; undefined if the list cannot be read. Read once, when needed. */
  readonly injectable: () => InjectionList | undefined;
}

const VMLINUX_BTF = '/sys/kernel/btf/vmlinux';

/**
 * The facts of the running kernel.
 * @throws UnsupportedError ORD-401 without BTF, ORD-405 on another architecture
 */
export function readKernelFacts(): KernelFacts {
  return factsFromFile(VMLINUX_BTF, release());
}

/**
 * Facts for a plan against another machine's BTF file, its architecture included.
 * @throws OrdealError ORD-402; UnsupportedError ORD-405 for another architecture
 */
export function factsFromFile(path: string, kernelRelease: string): KernelFacts {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    if (path !== VMLINUX_BTF) throw new OrdealError('ORD-402', `${path} cannot be read`, { cause });
    throw new UnsupportedError('ORD-401', 'CONFIG_DEBUG_INFO_BTF', `Linux ${kernelRelease} has no ${path}`, {
      cause,
    });
  }
  const btf = new Btf(bytes);
  const running = path === VMLINUX_BTF;
  return {
    btf,
    arch: architectureOf(btf, path),
    release: kernelRelease,
    gfp: running ? readGfpFlags(btf) : gfpFlagsOfBtf(btf),
    injectable: running ? once(readInjectionList) : () => undefined,
  };
}

function once<T>(read: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: read() };
    return result.value;
  };
}

/**
 * Which architecture a kernel is for, by its saved registers: struct pt_regs of arch/{x86,arm64}/include/asm/ptrace.h.
 */
function architectureOf(btf: Btf, path: string): KernelFacts['arch'] {
  if (hasMember(btf, 'pt_regs', 'orig_ax') && hasMember(btf, 'pt_regs', 'r15')) return 'x64';
  if (hasMember(btf, 'pt_regs', 'syscallno') && hasMember(btf, 'pt_regs', 'pstate')) return 'arm64';
  const message = `Kernel faults support x86-64 and arm64; ${path} is of neither`;
  throw new UnsupportedError('ORD-405', 'x86-64 or arm64', message);
}

/** From the running kernel if tracefs is mounted; otherwise from its BTF or the headers. */
function readGfpFlags(btf: Btf): GfpFlags {
  for (const tracefs of ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']) {
    let format: string;
    try {
      format = readFileSync(`${tracefs}/events/kmem/kmalloc/format`, 'utf8');
    } catch {
      continue;
    }
    const flags = parseGfpFlags(format, (name) => enumValue(btf, name));
    if (flags.__GFP_NOFAIL !== undefined) return flags;
  }
  return gfpFlagsOfBtf(btf);
}

function enumValue(btf: Btf, name: string): number | undefined {
  for (const id of btf.ids('enum')) {
    const type = btf.type(id);
    if (type.kind !== 'enum') continue;
    const found = type.values.find((value) => value.name === name);
    if (found) return Number(found.value);
  }
  return undefined;
}
