/**
 * One target as the BPF programs recognise its tasks. Threads, forked and exec'ed children are inside, whatever
 * they do; the process that injects never is.
 */
export type Scope =
  /** The v2 cgroup and its descendants. `level` is its depth below the root. */
  | { readonly kind: 'cgroup'; readonly id: bigint; readonly level: number }
  /** The pid namespace and its descendants. `level` is its depth below the initial one. */
  | { readonly kind: 'pid-namespace'; readonly inode: number; readonly level: number }
  /** A process and all its descendants, from the arming of the injection on. */
  | { readonly kind: 'process-tree'; readonly pid: number };
