import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { arch } from 'node:process';
import { Btf } from '@ordeal/bpf';
import { OrdealError, UnsupportedError } from '@ordeal/diagnostics';

/** What a plan needs to know of a kernel. Pure data: facts of another machine serve as well as this one's. */
export interface KernelFacts {
  readonly btf: Btf;
  readonly arch: 'x64' | 'arm64';
  /** `uname -r` */
  readonly release: string;
}

const VMLINUX_BTF = '/sys/kernel/btf/vmlinux';

/**
 * The facts of the running kernel.
 * @throws UnsupportedError ORD-401 without BTF, ORD-405 on another architecture
 */
export function readKernelFacts(): KernelFacts {
  return factsFromFile(VMLINUX_BTF, release());
}

/** Facts for a plan against another machine's BTF file. @throws OrdealError */
export function factsFromFile(path: string, kernelRelease: string): KernelFacts {
  if (arch !== 'x64' && arch !== 'arm64') {
    throw new UnsupportedError('ORD-405', arch, `Kernel faults are made for x86-64 and arm64, not ${arch}`);
  }
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    if (path !== VMLINUX_BTF) throw new OrdealError('ORD-402', `${path} cannot be read`, { cause });
    throw new UnsupportedError('ORD-401', 'CONFIG_DEBUG_INFO_BTF', `Linux ${kernelRelease} has no ${path}`, {
      cause,
    });
  }
  return { btf: new Btf(bytes), arch, release: kernelRelease };
}

/**
 * The bit of `__GFP_NOFAIL` in this kernel: since 6.10 an enum of BTF says it, before that it is 0x8000
 * (___GFP_NOFAIL in include/linux/gfp.h of 5.0-5.19, include/linux/gfp_types.h of 6.0-6.9).
 */
export function noFailFlag(facts: KernelFacts): number {
  return 1 << (enumValue(facts.btf, '___GFP_NOFAIL_BIT') ?? 15);
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
