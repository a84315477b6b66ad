import { type Code, type ErrorDetails, OrdealError } from '@ordeal/diagnostics';

/**
 * BTF that is malformed or lacks something, or a program that the kernel refuses. A system call that fails is a SyscallError, a
 * kernel without a feature an UnsupportedError.
 */
export class BpfError extends OrdealError {
  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.name = 'BpfError';
  }
}
