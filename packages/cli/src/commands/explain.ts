import type { Problem } from '@ordeal/diagnostics';
import { planRequest } from '@ordeal/kernel-chaos';
import { EXIT } from '../exit-code.js';
import { factsFor } from '../host/facts.js';
import { kernelSpec } from '../host/kernel-spec.js';
import { hasErrors, readDocuments } from '../host/read-documents.js';
import { renderExplanation } from '../render/explain.js';
import { explainPlan } from '../report/explain-plan.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';

export interface ExplainOptions {
  readonly btf?: string;
  readonly mechanism?: 'fmod_ret' | 'kprobe';
}

/** What experiments will do to a kernel: the plan and its programs. Touches nothing. */
export async function explain(
  files: readonly string[],
  options: ExplainOptions,
  { output }: CommandContext,
): Promise<number> {
  const { experiments, problems, sources } = readDocuments(files);
  if (hasErrors(problems)) return reportProblems(problems, sources, false, output);
  const facts = factsFor(options.btf);
  const found: Problem[] = [];
  const texts: string[] = [];
  for (const experiment of experiments) {
    const spec = kernelSpec(experiment);
    if (spec === undefined) {
      texts.push(`${experiment.name}   is I/O chaos, which has no kernel programs to explain\n`);
      continue;
    }
    const planned = planRequest(spec.failKernRequest, experiment.file, facts);
    found.push(...planned.problems);
    if (!planned.plan) continue;
    const mechanism = options.mechanism ?? 'fmod_ret';
    texts.push(renderExplanation(explainPlan(experiment, spec, planned.plan, mechanism)));
  }
  if (found.length > 0) reportProblems(found, sources, false, output);
  if (hasErrors(found)) return EXIT.failed;
  output.out.write(texts.join('\n'));
  return EXIT.ok;
}
