import { type Btf, findFunction, resolve } from '@ordeal/bpf';
import { nearestNames, type Problem } from '@ordeal/diagnostics';
import type { FailKernRequest } from '@ordeal/experiment';
import { errnoName } from '@ordeal/linux';
import { type FaultPoint, functionFaultPoint } from './fault-point.js';
import type { ErrorType } from './injection-list.js';
import type { KernelFacts } from './kernel-facts.js';
import { systemCallFunction, systemCallOf } from './system-call-name.js';

/** A fault point, or the problem that prevents it; a note can go with a fault point. */
export interface ChosenFunction {
  readonly faultPoint: FaultPoint | undefined;
  readonly problem: Problem | undefined;
}

/**
 * The fault point that a function is on a kernel, if the kernel allows it to fail with that errno. The name of a system
 * call means the function that serves it.
 */
export function chooseFunction(
  request: FailKernRequest,
  name: string,
  file: string,
  facts: KernelFacts,
): ChosenFunction {
  const { errno, places } = request;
  const refuse = (at: keyof typeof places, code: Problem['code'], message: string, hint: string) => {
    const problem: Problem = { severity: 'error', code, file, place: places[at], message, hint };
    return { faultPoint: undefined, problem };
  };
  const call = systemCallFunction(facts, name);
  const target = call ?? name;
  const list = facts.injectable();
  const listed = list && typeOnList(list, target);
  const known = findFunction(facts.btf, target);
  if (!known && !listed) {
    const message = `function: this kernel has no function or system call '${name}'`;
    return refuse('function', 'ORD-201', message, nearHint(name, facts));
  }
  if (list && !listed) {
    const message = `function: ${name} is not one of the functions that this kernel allows to fail`;
    const hint = `ordeal functions --injectable lists them; as a frame of the callchain, ${name} can be their caller`;
    return refuse('function', 'ORD-218', message, hint);
  }
  // Every system call is on the list (SYSCALL_DEFINEx, include/linux/syscalls.h).
  const type = listed ?? (call === undefined ? assumedType(facts.btf, target) : 'ERRNO');
  if (type === 'ERRNO' && errno === undefined) {
    const message = `function: ${name} fails with an error, so errno must say which one`;
    return refuse('function', 'ORD-219', message, 'for example errno: ENOMEM');
  }
  if ((type === 'NULL' || type === 'TRUE') && errno !== undefined) {
    const result = type === 'NULL' ? 'NULL' : 'true';
    const message = `errno: ${name} fails by returning ${result}, not ${errnoName(errno)}`;
    return refuse('errno', 'ORD-219', message, 'remove it');
  }
  const problem: Problem | undefined =
    listed || call
      ? undefined
      : {
          severity: 'note',
          code: 'ORD-220',
          file,
          place: places.function,
          message: `function: not checked whether this kernel allows ${name} to fail`,
        };
  return { faultPoint: functionFaultPoint(target, type, errno), problem };
}

/** The kernel prints one of the names that a call without arguments has. */
function typeOnList(list: ReadonlyMap<string, ErrorType>, target: string): ErrorType | undefined {
  const aliases = target.startsWith('__do_sys_')
    ? ['__x64_sys_', '__ia32_sys_'].map((prefix) => target.replace('__do_sys_', prefix))
    : [];
  return [target, ...aliases].map((name) => list.get(name)).find((type) => type !== undefined);
}

/** Without the list, by what the function returns. */
function assumedType(btf: Btf, target: string): ErrorType {
  const found = findFunction(btf, target);
  const result = found && resolve(btf, found.proto.returns).type;
  if (result?.kind === 'ptr') return 'ERRNO_NULL';
  return result?.kind === 'int' && result.size === 1 ? 'TRUE' : 'ERRNO';
}

function nearHint(name: string, { btf, injectable }: KernelFacts): string {
  const names = [...(injectable()?.keys() ?? [])].map((each) => systemCallOf(each) ?? each);
  const near = nearestNames(name, names.length > 0 ? names : systemCalls(btf));
  if (near.length > 0) return `did you mean ${near.join(', ')}?`;
  return 'ordeal functions --injectable lists those that can fail';
}

function systemCalls(btf: Btf): string[] {
  const names: string[] = [];
  for (const id of btf.ids('func')) {
    const call = systemCallOf(btf.nameOf(id));
    if (call !== undefined) names.push(call);
  }
  return names;
}
