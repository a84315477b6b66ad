import type { Problem } from '@ordeal/diagnostics';
import { EXIT } from '../exit-code.js';
import { hasErrors, type ReadDocuments, readDocuments } from '../host/read-documents.js';
import { counted } from '../render/number.js';
import { countProblems, renderProblems } from '../render/problems.js';
import type { CommandContext } from './context.js';

export interface ValidateOptions {
  readonly btf?: string;
  readonly json?: true;
}

/** Every problem of every file at once. With a BTF file, call chains are checked against that kernel, too. */
export async function validate(
  files: readonly string[],
  options: ValidateOptions,
  { output }: CommandContext,
): Promise<number> {
  const read = readDocuments(files);
  const problems =
    options.btf === undefined ? read.problems : withKernel(read, await kernelProblems(read, options.btf));
  const failed = hasErrors(problems);
  if (options.json) {
    const report = { ok: !failed, experiments: read.experiments.length, problems };
    output.out.write(`${JSON.stringify(report)}\n`);
  } else {
    output.out.write(renderProblems(problems, read.sources, output.out.paint));
    const experiments = failed ? '' : `${counted(read.experiments.length, 'experiment')}, `;
    output.out.write(`${experiments}${countProblems(problems)}\n`);
  }
  return failed ? EXIT.failed : EXIT.ok;
}

async function kernelProblems({ experiments }: ReadDocuments, btf: string): Promise<Problem[]> {
  const { planRequest } = await import('@ordeal/kernel-chaos');
  const { factsFor } = await import('../host/facts.js');
  const { kernelSpec } = await import('../host/kernel-spec.js');
  const facts = factsFor(btf);
  return experiments.flatMap((experiment) => {
    const spec = kernelSpec(experiment);
    return spec ? planRequest(spec.failKernRequest, experiment.file, facts).problems : [];
  });
}

/** All problems in the order of the files and their lines. */
function withKernel({ problems, sources }: ReadDocuments, found: readonly Problem[]): Problem[] {
  const files = [...sources.keys()];
  return [...problems, ...found].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
}
