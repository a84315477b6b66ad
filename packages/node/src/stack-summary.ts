import type { Site } from '@ordeal/kernel-chaos';
import { symbolise } from '@ordeal/linux';
import type { SiteSummary } from './run-event.js';

/** Frames of kernel entry, our own hooks and the fault point, which do not identify the fault. */
const NOISE =
  /^(entry_SYSCALL|do_syscall_64|x64_sys_call|syscall_|entry_|ret_from_fork|bpf_|ftrace_|kprobe_|arch_ftrace|__bpf_|trace_call_bpf|el0|invoke_syscall|do_el0|kprobe_perf_func|kprobe_dispatcher|should_fail|0x)/;

/**
 * Names the stacks of faults, outermost function first, without kernel entry and exit. Stacks that look
 * alike then are counted together.
 */
export function summariseSites(sites: readonly Site[]): SiteSummary[] {
  if (sites.length === 0) return [];
  const names = symbolise(sites.flatMap((site) => site.addresses));
  return mergeSites(
    sites.map(({ addresses, faults }) => ({
      faults: Number(faults),
      stack: addresses.map((address) => names.get(address) ?? `0x${address.toString(16)}`).reverse(),
    })),
  );
}

/** Pure part of {@link summariseSites}. */
export function mergeSites(sites: readonly SiteSummary[]): SiteSummary[] {
  const merged = new Map<string, SiteSummary>();
  for (const { faults, stack } of sites) {
    // A hooked function appears twice, once for its trampoline.
    const clear = stack
      .filter((name) => !NOISE.test(name))
      .filter((name, index, all) => name !== all[index - 1]);
    const key = clear.join('<');
    merged.set(key, { faults: faults + (merged.get(key)?.faults ?? 0), stack: clear });
  }
  return [...merged.values()].sort((a, b) => b.faults - a.faults);
}
