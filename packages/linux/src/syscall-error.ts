import { errnoName, OrdealError } from '@ordeal/diagnostics';

/** A system call that failed. `errno` is positive. */
export class SyscallError extends OrdealError {
  readonly call: string;
  readonly errno: number;

  /** @param call a description of the call: `bpf(MAP_CREATE, counters)` */
  constructor(call: string, errno: number, detail: readonly string[] = []) {
    super('ORD-501', `${call}: ${errnoName(errno)}`, { detail });
    this.name = 'SyscallError';
    this.call = call;
    this.errno = errno;
  }
}
