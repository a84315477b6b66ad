import { type Code, type ErrorDetails, OrdealError } from '@ordeal/diagnostics';

/**
 * A device that may not be opened, a mount that the kernel refuses, or a message that makes no sense. Other system calls that fail
 * are SyscallErrors, a kernel without a feature an UnsupportedError.
 */
export class FuseError extends OrdealError {
  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.name = 'FuseError';
  }
}
