import { type Problem, UnsupportedError } from '@ordeal/diagnostics';
import type { KernelFacts } from '@ordeal/kernel-chaos';
import { kernelSpec } from './kernel-spec.js';
import type { ReadDocuments } from './read-documents.js';

/** The problems of call chains, and how much could be checked. */
export interface ChainCheck {
  readonly problems: readonly Problem[];
  /** The kernel whose functions and types they were checked against; undefined if there was none. */
  readonly kernel: string | undefined;
  /** What was not checked and why; undefined if everything was checked. */
  readonly notChecked: string | undefined;
}

/**
 * Checks the call chains of all documents, also of those with errors: against the kernel that a BTF file describes or
 * the running one; if it has no BTF, only their syntax.
 *
 * @throws OrdealError if the BTF file cannot be used
 */
export async function checkCallChains(
  { experiments, brokenFrames }: Pick<ReadDocuments, 'experiments' | 'brokenFrames'>,
  btf: string | undefined,
): Promise<ChainCheck> {
  const requests = experiments.flatMap((experiment) => {
    const request = kernelSpec(experiment)?.failKernRequest;
    return request && (request.callchain.length > 0 || request.function !== undefined)
      ? [{ file: experiment.file, request }]
      : [];
  });
  if (requests.length + brokenFrames.length === 0)
    return { problems: [], kernel: undefined, notChecked: undefined };
  const { checkFrames, planRequest } = await import('@ordeal/kernel-chaos');
  const { factsFor } = await import('./facts.js');
  let facts: KernelFacts | undefined;
  let notChecked: string | undefined;
  try {
    facts = factsFor(btf);
  } catch (error) {
    if (btf !== undefined || !(error instanceof UnsupportedError)) throw error;
    notChecked = `the functions and fields of call chains: ${error.message} (--btf FILE names another)`;
  }
  const known = facts;
  const problems = [
    ...requests.flatMap(({ file, request }) =>
      known ? planRequest(request, file, known).problems : checkFrames(request.callchain, file, undefined),
    ),
    ...brokenFrames.flatMap(({ file, frames }) => checkFrames(frames, file, known)),
  ];
  const kernel = known && (btf === undefined ? `Linux ${known.release}` : btf);
  return { problems, kernel, notChecked };
}
