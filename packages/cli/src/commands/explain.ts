import type { Problem } from '@ordeal/diagnostics';
import { type KernelFacts, planRequest } from '@ordeal/kernel-chaos';
import { EXIT } from '../exit-code.js';
import { runningTarget, type TargetFlags } from '../flags/target-flags.js';
import { factsFor } from '../host/facts.js';
import { ioSpec, kernelSpec } from '../host/kernel-spec.js';
import { hasErrors, readDocuments } from '../host/read-documents.js';
import { renderExplanation } from '../render/explain.js';
import { renderIoExplanation } from '../render/io-plan.js';
import { asJson } from '../render/json.js';
import { explainIo, type IoExplanation } from '../report/explain-io.js';
import { explainPlan, type PlanExplanation } from '../report/explain-plan.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';
import { refuseKernelFlags } from './run.js';

export interface ExplainOptions extends TargetFlags {
  readonly btf?: string;
  readonly mechanism?: 'fmod_ret' | 'kprobe';
  readonly json?: true;
}

/**
 * Shows what experiments will do: for a kernel, the plan and its programs; for a volume, what is moved. Touches
 * nothing.
 */
export async function explain(
  files: readonly string[],
  { btf, mechanism, json, ...flags }: ExplainOptions,
  { output }: CommandContext,
): Promise<number> {
  const { experiments, problems, sources } = readDocuments(files);
  if (hasErrors(problems)) return reportProblems(problems, sources, json === true, output);
  refuseKernelFlags({ mechanism }, experiments);
  const target = runningTarget(flags);
  const found: Problem[] = [];
  const explanations: (PlanExplanation | IoExplanation)[] = [];
  let facts: KernelFacts | undefined;
  for (const experiment of experiments) {
    const io = ioSpec(experiment);
    if (io) explanations.push(await explainIo(experiment, io, target));
    const spec = kernelSpec(experiment);
    if (spec === undefined) continue;
    facts ??= factsFor(btf);
    const planned = planRequest(spec.failKernRequest, experiment.file, facts);
    found.push(...planned.problems);
    if (planned.plan) explanations.push(explainPlan(experiment, spec, planned.plan, mechanism ?? 'fmod_ret'));
  }
  if (found.length > 0) reportProblems(found, sources, json === true, output);
  if (hasErrors(found)) return EXIT.failed;
  output.out.write(json ? asJson(explanations) : explanations.map(render).join('\n'));
  return EXIT.ok;
}

function render(explanation: PlanExplanation | IoExplanation): string {
  return explanation.kind === 'IOChaos' ? renderIoExplanation(explanation) : renderExplanation(explanation);
}
