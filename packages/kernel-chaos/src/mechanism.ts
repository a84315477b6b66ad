import {
  attachProgram,
  findFunction,
  loadProgram,
  ProgramBuilder,
  type ProgramSpec,
  R0,
  R1,
  R2,
  R6,
} from '@ordeal/bpf';
import { OrdealError, UnsupportedError } from '@ordeal/diagnostics';
import { ERRNO, type SyscallError } from '@ordeal/linux';
import type { Mechanism } from './assemble/convention.js';
import { type FaultPoint, systemCallFaultPoint } from './fault-point.js';
import type { KernelFacts } from './kernel-facts.js';

/** The result of a trial of one mechanism at one fault point: usable, or why not. */
export interface MechanismVerdict {
  readonly mechanism: Mechanism;
  readonly usable: boolean;
  /** The kernel option that is missing, if the error shows it. */
  readonly missing: string | undefined;
  /** The reason; empty if it is usable. */
  readonly reason: string;
}

export const MECHANISMS: readonly Mechanism[] = ['fmod_ret', 'kprobe'];

/**
 * Checks whether a mechanism works at a fault point by loading and attaching a program there that does nothing.
 * Kernel versions are not consulted: distributions backport features.
 */
export function tryMechanism(
  mechanism: Mechanism,
  faultPoint: FaultPoint,
  facts: KernelFacts,
): MechanismVerdict {
  const verdict = (missing: string | undefined, reason: string): MechanismVerdict => ({
    mechanism,
    usable: reason === '',
    missing,
    reason,
  });
  const { function: target } = faultPoint;
  if (!findFunction(facts.btf, target)) {
    if (!facts.injectable()?.has(target)) return verdict(faultPoint.option, `this kernel has no ${target}`);
    if (mechanism === 'fmod_ret') return verdict(undefined, `this kernel's BTF has no ${target}`);
  }
  if (mechanism === 'fmod_ret' && faultPoint.forcedResult === 0) {
    return verdict(undefined, `to a trampoline, a result of 0 means that ${target} shall run`);
  }
  try {
    const program = loadProgram(harmless(mechanism, faultPoint), facts.btf, new Map());
    try {
      attachProgram(program).close();
    } finally {
      program.fd.close();
    }
    return verdict(undefined, '');
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    const errno = (error as SyscallError).errno;
    if (errno === ERRNO.EPERM || errno === ERRNO.EACCES) {
      if (process.getuid?.() !== 0)
        throw new OrdealError('ORD-502', 'Trying BPF programs needs root', { cause: error });
    }
    const option =
      mechanism === 'fmod_ret' ? 'CONFIG_FUNCTION_ERROR_INJECTION' : 'CONFIG_BPF_KPROBE_OVERRIDE';
    return verdict(option, error.message);
  }
}

/**
 * The mechanism to use: the forced one, or the first that works.
 * @throws UnsupportedError ORD-405 if none does, naming what is missing
 */
export function chooseMechanism(
  faultPoint: FaultPoint,
  facts: KernelFacts,
  forced: Mechanism | undefined,
): Mechanism {
  const verdicts: MechanismVerdict[] = [];
  for (const mechanism of forced ? [forced] : MECHANISMS) {
    const verdict = tryMechanism(mechanism, faultPoint, facts);
    if (verdict.usable) return mechanism;
    verdicts.push(verdict);
  }
  const missing = [...new Set(verdicts.flatMap((verdict) => verdict.missing ?? []))].join(' or ');
  const why = missing === '' ? (verdicts[0]?.reason ?? '') : `it was built without ${missing}`;
  throw new UnsupportedError(
    'ORD-405',
    missing,
    `Linux ${facts.release} cannot make ${faultPoint.what} fail: ${why}`,
    {
      detail: verdicts.map((verdict) => `${verdict.mechanism}: ${verdict.reason}`),
      ...(systemCallsInstead(faultPoint, facts) ? { hint: SYSTEM_CALLS_INSTEAD } : {}),
    },
  );
}

/** Since 6.11, kernels without CONFIG_FAILSLAB have no fault point for allocations, but system calls can still fail. */
function systemCallsInstead({ failtype }: FaultPoint, facts: KernelFacts): boolean {
  const point = systemCallFaultPoint(facts);
  return (
    failtype !== undefined && MECHANISMS.some((mechanism) => tryMechanism(mechanism, point, facts).usable)
  );
}

const SYSTEM_CALLS_INSTEAD =
  'System calls can fail here: write function: openat, errno: ENOMEM, for example, in place of failtype ' +
  '(`ordeal functions --injectable` lists them), or rehearse with `ordeal lab run`.';

/** Does nothing, but needs from the kernel what the real program needs. */
function harmless(mechanism: Mechanism, { function: target }: FaultPoint): ProgramSpec {
  const builder = new ProgramBuilder();
  if (mechanism === 'kprobe') {
    // Never true, but the verifier must not know that, or it would drop the override.
    const end = builder.label('end');
    builder.mov(R6, R1).call('ktime_get_ns').jumpImmediate('ne', R0, 0, end);
    builder.mov(R1, R6).constant(R2, 0).call('override_return').place(end);
  }
  return {
    name: 'trial',
    attachment: { kind: mechanism, function: target },
    instructions: builder.constant(R0, 0).exit().build(),
  };
}
