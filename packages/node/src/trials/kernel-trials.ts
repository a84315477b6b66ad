import { attachProgram, loadProgram, ProgramBuilder, R0 } from '@ordeal/bpf';
import { OrdealError } from '@ordeal/diagnostics';
import {
  FAULT_POINTS,
  type KernelFacts,
  MECHANISMS,
  systemCallFaultPoint,
  tryMechanism,
} from '@ordeal/kernel-chaos';
import { type FaultVerdict, type FrameVerdict, type Verdict, WORKS } from './verdict.js';

/** A function that every kernel has; trials hook it with programs that do nothing. */
const ANY_FUNCTION = 'vfs_read';

/** Tries every mechanism at every fault point with programs that do nothing. */
export function tryFaults(facts: KernelFacts): FaultVerdict[] {
  return [...FAULT_POINTS, systemCallFaultPoint(facts)].map((point) => ({
    failtype: point.failtype,
    what: point.what,
    function: point.function,
    mechanisms: MECHANISMS.map((mechanism) => ({
      mechanism,
      ...verdictOf(() => {
        const { usable, missing, reason } = tryMechanism(mechanism, point, facts);
        return { works: usable, missing, reason };
      }),
    })),
  }));
}

/** Tries whether functions of a call chain can be followed. */
export function tryFrames(facts: KernelFacts): FrameVerdict[] {
  return (['fentry', 'kprobe'] as const).map((hook) => ({ hook, ...verdictOf(() => tryHook(hook, facts)) }));
}

function tryHook(hook: FrameVerdict['hook'], facts: KernelFacts): Verdict {
  const instructions = new ProgramBuilder().constant(R0, 0).exit().build();
  const attachment = { kind: hook, function: ANY_FUNCTION };
  const program = loadProgram({ name: 'trial', attachment, instructions }, facts.btf, new Map());
  try {
    attachProgram(program).close();
  } finally {
    program.fd.close();
  }
  return WORKS;
}

/** A refusal is a result; without privileges there is none. */
function verdictOf(attempt: () => Verdict): Verdict {
  if (process.getuid?.() !== 0) return { works: undefined, missing: 'root', reason: 'trying needs root' };
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    return { works: false, missing: undefined, reason: error.message };
  }
}
