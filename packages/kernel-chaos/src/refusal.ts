import { type ProgramSpec, VerifierError } from '@ordeal/bpf';
import { OrdealError } from '@ordeal/diagnostics';
import { ERRNO, SyscallError } from '@ordeal/linux';

/**
 * Explains in the user's terms why a function of the call chain could not be hooked. Other errors are passed on as they
 * are: they are defects or missing privileges, not a wrong choice of function.
 */
export function explainRefusal(spec: ProgramSpec, error: unknown): unknown {
  const { attachment } = spec;
  if (
    attachment.kind === 'raw_tracepoint' ||
    !(error instanceof VerifierError || error instanceof SyscallError)
  ) {
    return error;
  }
  if (error.errno === ERRNO.EPERM) {
    return new OrdealError('ORD-502', `${attachment.kind} on ${attachment.function}: EPERM`, {
      cause: error,
    });
  }
  const reason = reasonFor(error);
  if (reason === undefined) return error;
  const name = attachment.function;
  return new OrdealError('ORD-406', `${name} cannot be hooked by ${attachment.kind}: ${reason}`, {
    cause: error,
  });
}

/** Runs an attempt to load or attach a program; what it throws is explained, see {@link explainRefusal}. */
export function explained<T>(spec: ProgramSpec, attempt: () => T): T {
  try {
    return attempt();
  } catch (error) {
    throw explainRefusal(spec, error);
  }
}

function reasonFor(error: VerifierError | SyscallError): string | undefined {
  const text = error instanceof VerifierError ? error.log + error.message : '';
  if (/is not modifiable/.test(text)) return 'its result may not be changed';
  if (/address of function .* cannot be found/.test(text))
    return 'it was inlined or optimised away in this kernel';
  // Nothing was verified: the kernel rejects the function.
  const [, why] =
    /The function \S+ (with variable args|has \d+ arguments|return type|arg\d+ type)/.exec(text) ?? [];
  if (why !== undefined) return `a trampoline cannot be made for it (${why})`;
  if (/__noreturn/.test(text)) return 'it never returns';
  if (/BTF has no /.test(text)) return 'this kernel has no function of that name in its BTF';
  switch (error.errno) {
    case ERRNO.ENOENT:
    case ERRNO.EADDRINUSE:
      return 'this kernel has no symbol of that name';
    case ERRNO.EILSEQ:
      return 'its machine code has changed since boot';
    case ERRNO.ENOTSUPP:
    case ERRNO.EOPNOTSUPP:
      return 'it cannot be traced (marked notrace, or an architecture without trampolines)';
    case ERRNO.EINVAL:
      // From the verifier this concerns the function only if it has not checked a single instruction.
      if (error instanceof VerifierError && !/^processed 0 insns/m.test(text)) return undefined;
      return 'it is on the kernel’s list of functions that must not be probed';
    case ERRNO.E2BIG:
      return 'too many programs are attached to it already';
    default:
      return undefined;
  }
}

/**
 * Whether the kernel refused a program at the return of a function because the function never returns (Linux ≥ 6.12):
 * then there is no return to follow, and a thread that ends inside is forgotten when its task is freed.
 */
export function neverReturns(spec: ProgramSpec, error: unknown): boolean {
  return spec.attachment.kind === 'fexit' && error instanceof VerifierError && /__noreturn/.test(error.log);
}
