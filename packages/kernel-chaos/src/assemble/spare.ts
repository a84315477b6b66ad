import { type Label, offsetOf, type ProgramBuilder, R0, R1, R3 } from '@ordeal/bpf';
import { OrdealError } from '@ordeal/diagnostics';
import type { KernelFacts } from '../kernel-facts.js';
import { readChain } from './read-chain.js';

/**
 * Bits of `preempt_count` that are set in NMI, in a hardware interrupt, and while softirqs are served: the inverse of
 * `in_task()` (include/linux/preempt.h: NMI_MASK | HARDIRQ_MASK | SOFTIRQ_OFFSET).
 */
const NOT_TASK = 0x00ff_0100;

/** Goes to `target` in interrupt context, where the current task is merely the one that was interrupted. */
export function jumpInInterrupt(builder: ProgramBuilder, facts: KernelFacts, target: Label): void {
  loadPreemptCount(builder, facts);
  builder.note('interrupt context?').jumpImmediate('set', R0, NOT_TASK, target);
}

/**
 * R0 = preempt_count. x86 keeps it per CPU: `pcpu_hot.preempt_count` in 6.2-6.14, `__preempt_count` before and since
 * (arch/x86/include/asm/preempt.h); arm64 in the task's thread_info.
 */
function loadPreemptCount(builder: ProgramBuilder, { btf, arch }: KernelFacts): void {
  if (arch === 'arm64') {
    const zero = builder.label('no count');
    builder.call('get_current_task').mov(R3, R0);
    readChain(builder, [offsetOf(btf, 'task_struct', 'thread_info.preempt_count')], 'u32', zero);
    builder.place(zero).mov(R0, R3);
    return;
  }
  const own = btf.find('var', '__preempt_count');
  const hot = btf.find('var', 'pcpu_hot');
  const variable = own ?? hot;
  if (variable === undefined)
    throw new OrdealError('ORD-403', 'This kernel has no per-CPU preempt count in its BTF');
  const offset = own === undefined ? offsetOf(btf, 'pcpu_hot', 'preempt_count') : 0;
  builder.loadKernelVariable(R1, variable).call('this_cpu_ptr').load('u32', R0, R0, offset);
}
