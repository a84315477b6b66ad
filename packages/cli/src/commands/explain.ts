import type { Problem } from '@ordeal/diagnostics';
import { asJson } from '@ordeal/diagnostics';
import { type KernelFacts, type Mechanism, planRequest } from '@ordeal/kernel-chaos';
import type { TargetChoice } from '@ordeal/node';
import { EXIT } from '../exit-code.js';
import { runningTarget, type TargetFlags } from '../flags/target-flags.js';
import { factsFor } from '../host/facts.js';
import { ioSpec, kernelSpec } from '../host/kernel-spec.js';
import { hasErrors, type ReadDocuments, readDocuments } from '../host/read-documents.js';
import { renderExplanation } from '../render/explain.js';
import { renderIoExplanation } from '../render/io-plan.js';
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
  { output, runDirectory }: CommandContext,
): Promise<number> {
  const read = readDocuments(files);
  const { experiments, problems, sources } = read;
  if (hasErrors(problems)) return reportProblems(problems, sources, json === true, output);
  refuseKernelFlags({ mechanism }, experiments);
  const means = { btf, mechanism, runDirectory };
  const { explanations, problems: found } = await explainAll(read, runningTarget(flags), means);
  if (found.length > 0) reportProblems(found, sources, json === true, output);
  if (hasErrors(found)) return EXIT.failed;
  output.out.write(json ? asJson(explanations) : explanations.map(render).join('\n'));
  return EXIT.ok;
}

interface Explained {
  readonly explanations: readonly (PlanExplanation | IoExplanation)[];
  /** What is wrong with call chains. */
  readonly problems: readonly Problem[];
}

interface ExplainMeans {
  /** Of another kernel. */
  readonly btf?: string | undefined;
  readonly mechanism?: Mechanism | undefined;
  readonly runDirectory: string;
}

/** What each experiment would do. Touches nothing. */
export async function explainAll(
  { experiments }: Pick<ReadDocuments, 'experiments'>,
  target: TargetChoice | undefined,
  { btf, mechanism, runDirectory }: ExplainMeans,
): Promise<Explained> {
  const problems: Problem[] = [];
  const explanations: (PlanExplanation | IoExplanation)[] = [];
  let facts: KernelFacts | undefined;
  for (const experiment of experiments) {
    const io = ioSpec(experiment);
    if (io) explanations.push(await explainIo(runDirectory, experiment, io, target));
    const spec = kernelSpec(experiment);
    if (spec === undefined) continue;
    facts ??= factsFor(btf);
    const planned = planRequest(spec.failKernRequest, experiment.file, facts);
    problems.push(...planned.problems);
    if (planned.plan) explanations.push(explainPlan(experiment, spec, planned.plan, mechanism ?? 'fmod_ret'));
  }
  return { explanations, problems };
}

function render(explanation: PlanExplanation | IoExplanation): string {
  return explanation.kind === 'IOChaos' ? renderIoExplanation(explanation) : renderExplanation(explanation);
}
