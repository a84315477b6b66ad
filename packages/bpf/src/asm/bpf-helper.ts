/**
 * Numbers of the kernel's BPF helpers (include/uapi/linux/bpf.h, `enum bpf_func_id`), with the release that brought
 * each. A test checks this table against the running kernel's BTF.
 */
export const HELPER = {
  /** 3.19 */
  map_lookup_elem: 1,
  map_update_elem: 2,
  map_delete_elem: 3,
  /** 4.1 */
  ktime_get_ns: 5,
  get_prandom_u32: 7,
  get_smp_processor_id: 8,
  /** 4.2 */
  tail_call: 12,
  get_current_pid_tgid: 14,
  get_current_comm: 16,
  /** 4.6 */
  get_stackid: 27,
  /** 4.8 */
  get_current_task: 35,
  /** 4.16; needs CONFIG_BPF_KPROBE_OVERRIDE */
  override_return: 58,
  /** 4.18 */
  get_stack: 67,
  get_current_cgroup_id: 80,
  /** 5.5 */
  probe_read_user: 112,
  probe_read_kernel: 113,
  probe_read_user_str: 114,
  probe_read_kernel_str: 115,
  /** 5.7 in tracing programs */
  get_current_ancestor_cgroup_id: 123,
  /** 5.8 */
  ringbuf_output: 130,
  ringbuf_reserve: 131,
  ringbuf_submit: 132,
  ringbuf_discard: 133,
  /** 5.10 */
  this_cpu_ptr: 154,
} as const;

export type HelperName = keyof typeof HELPER;
