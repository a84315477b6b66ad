import { findFunction, formatFunction } from '@ordeal/bpf';
import type { Mechanism } from './assemble/convention.js';
import { systemCallFaultPoint } from './fault-point.js';
import type { ErrorType } from './injection-list.js';
import type { KernelFacts } from './kernel-facts.js';
import { MECHANISMS, tryMechanism } from './mechanism.js';
import { formatSystemCall } from './predicate/index.js';
import { systemCallOf } from './system-call-name.js';

/** A function that may be named in `failKernRequest.function`. */
export interface InjectableFunction {
  /** As a document names it: `openat`. */
  readonly name: string;
  /** The kernel's function: `__x64_sys_openat`. */
  readonly function: string;
  readonly errorType: ErrorType;
  /** With the arguments that predicates can name; undefined if BTF does not know the function. */
  readonly prototype: string | undefined;
  /** What can make it fail on this kernel, by its type and BTF; arming finds out about the function itself. */
  readonly mechanisms: readonly Mechanism[];
}

/**
 * All functions on the kernel's error injection list, sorted by name; undefined if the list cannot be read. Each
 * mechanism is tried at one system call, with a program that does nothing.
 *
 * @throws OrdealError ORD-502 without root
 */
export function injectableFunctions(facts: KernelFacts): InjectableFunction[] | undefined {
  const list = facts.injectable();
  if (!list) return undefined;
  const point = systemCallFaultPoint(facts);
  const usable = MECHANISMS.filter((mechanism) => tryMechanism(mechanism, point, facts).usable);
  return [...list]
    .map(([name, errorType]) => describe(facts, name, errorType, usable))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A function as predicates see it: with a system call's own arguments; undefined if BTF does not know it. */
export function formatTarget({ btf }: KernelFacts, target: string): string | undefined {
  const call = systemCallOf(target);
  if (call !== undefined) return formatSystemCall(btf, call, target);
  const found = findFunction(btf, target);
  return found && formatFunction(btf, found);
}

function describe(
  facts: KernelFacts,
  target: string,
  errorType: ErrorType,
  usable: readonly Mechanism[],
): InjectableFunction {
  const found = findFunction(facts.btf, target);
  // A trampoline takes a result of 0 for "go on", and needs BTF.
  const byTrampoline = found !== undefined && errorType !== 'NULL';
  return {
    name: systemCallOf(target) ?? target,
    function: target,
    errorType,
    prototype: formatTarget(facts, target),
    mechanisms: usable.filter((mechanism) => mechanism === 'kprobe' || byTrampoline),
  };
}
