import type { Btf } from './btf.js';
import { formatType } from './format.js';
import type { BtfFuncProto } from './type.js';

/** A kernel function as BTF describes it. */
export interface KernelFunction {
  readonly name: string;
  readonly id: number;
  readonly proto: BtfFuncProto;
}

/** The function of this name; `undefined` if BTF has none (missing, inlined, or its prototype is ambiguous). */
export function findFunction(btf: Btf, name: string): KernelFunction | undefined {
  const id = btf.find('func', name);
  return id === undefined ? undefined : functionOf(btf, id);
}

/** Every function that BTF describes. */
export function* listFunctions(btf: Btf): Generator<KernelFunction> {
  for (const id of btf.ids('func')) {
    const found = functionOf(btf, id);
    if (found) yield found;
  }
}

/** `long int __x64_sys_mount(const struct pt_regs *regs)` */
export function formatFunction(btf: Btf, found: KernelFunction): string {
  return formatType(btf, found.id);
}

function functionOf(btf: Btf, id: number): KernelFunction | undefined {
  const func = btf.type(id);
  if (func.kind !== 'func') return undefined;
  const proto = btf.type(func.proto);
  return proto.kind === 'func_proto' ? { name: func.name, id, proto } : undefined;
}
