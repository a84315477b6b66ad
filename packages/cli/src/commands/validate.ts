import { wrapText } from '@ordeal/diagnostics';
import { EXIT } from '../exit-code.js';
import { type ChainCheck, checkCallChains } from '../host/check-call-chains.js';
import { hasErrors, type ReadDocuments, readDocuments } from '../host/read-documents.js';
import { counted } from '../render/number.js';
import { countProblems, renderProblems } from '../render/problems.js';
import type { CommandContext } from './context.js';

export interface ValidateOptions {
  readonly btf?: string;
  readonly json?: true;
}

/** Shows every problem of every file at once; call chains are checked against a kernel if its types are available. */
export async function validate(
  files: readonly string[],
  options: ValidateOptions,
  { output }: CommandContext,
): Promise<number> {
  const read = readDocuments(files);
  const { chains, problems } = await checkAll(read, options.btf);
  const failed = hasErrors(problems);
  const { kernel, notChecked } = chains;
  if (options.json) {
    const report = { ok: !failed, experiments: read.experiments.length, kernel, notChecked, problems };
    output.out.write(`${JSON.stringify(report)}\n`);
  } else {
    output.out.write(renderProblems(problems, read.sources, output.out));
    const experiments = failed ? '' : `${counted(read.experiments.length, 'experiment')}, `;
    output.out.write(`${experiments}${countProblems(problems)}\n`);
    if (kernel !== undefined)
      output.out.write(wrapText(`call chains were checked against ${kernel}\n`, output.out.wrapAt));
    if (notChecked !== undefined)
      output.out.write(wrapText(`not checked: ${notChecked}\n`, output.out.wrapAt));
  }
  return failed ? EXIT.failed : EXIT.ok;
}

/** Everything that can be found wrong with documents, and how much could be found out about their call chains. */
export async function checkAll(read: ReadDocuments, btf: string | undefined) {
  const chains = await checkCallChains(read, btf);
  return { chains, problems: inOrder(read, chains) };
}

/** All problems in the order of the files and their lines. */
function inOrder({ problems, sources }: ReadDocuments, chains: ChainCheck) {
  const files = [...sources.keys()];
  return [...problems, ...chains.problems].sort(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      a.place.line - b.place.line ||
      a.place.column - b.place.column,
  );
}
