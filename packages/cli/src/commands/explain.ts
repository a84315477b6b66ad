import { OrdealError, type Problem } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import { planInjection } from '@ordeal/io-chaos';
import { type KernelFacts, planRequest } from '@ordeal/kernel-chaos';
import { ioSummary } from '@ordeal/node';
import { EXIT } from '../exit-code.js';
import { factsFor } from '../host/facts.js';
import { ioSpec, kernelSpec } from '../host/kernel-spec.js';
import { hasErrors, readDocuments } from '../host/read-documents.js';
import { renderExplanation } from '../render/explain.js';
import { renderIoPlan } from '../render/io-plan.js';
import { explainPlan } from '../report/explain-plan.js';
import type { CommandContext } from './context.js';
import { reportProblems } from './report-problems.js';

export interface ExplainOptions {
  readonly btf?: string;
  readonly pid?: string;
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
  const found: Problem[] = [];
  const texts: string[] = [];
  let facts: KernelFacts | undefined;
  for (const experiment of experiments) {
    const io = ioSpec(experiment);
    if (io) texts.push(`${experiment.name}   ${await explainIo(io, options.pid)}`);
    const spec = kernelSpec(experiment);
    if (spec === undefined) continue;
    facts ??= factsFor(options.btf);
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

async function explainIo(spec: IOChaosSpec, pid: string | undefined): Promise<string> {
  const head = `${ioSummary(spec)}\n  by       a fault file system over the volume, for all who see it\n`;
  if (pid === undefined) return `${head}  moves    what is open there; see it with --pid N\n`;
  if (!/^[1-9]\d*$/.test(pid)) throw new OrdealError('ORD-901', `--pid: '${pid}' is not a process id`);
  return head + renderIoPlan(await planInjection(Number(pid), spec.volumePath));
}
