import type { ArmedSweep, ObservedRun } from './armed-sweep.js';
import { runBaseline } from './baseline-runs.js';
import { classifyRun } from './classify-run.js';
import { estimateRest } from './estimate.js';
import { isFailure } from './outcome.js';
import { lastLines } from './output-tail.js';
import { planSweep, type SweepPlan } from './plan-sweep.js';
import { sameExit } from './run-exit.js';
import { type RunSteps, stepsOf } from './run-steps.js';
import { summarise } from './summarise.js';
import type { SweepEnd } from './sweep-event.js';
import type { SweepRequest } from './sweep-request.js';
import type { Baseline, SweepRun } from './sweep-run.js';
import { requireSameSubject } from './sweep-state.js';

/**
 * Runs the command again and again, failing the 1st, 2nd, 3rd … matching request, until runs end without a fault.
 * Checks everything, arms once, reports events, and always recovers.
 *
 * @returns whether no outcome was unacceptable
 * @throws OrdealError before the first run with a fault, or after everything was recovered
 */
export async function sweepCommand(request: SweepRequest): Promise<boolean> {
  const planned = planSweep(request);
  if (request.resume) requireSameSubject(request.resume, planned.subject);
  const armed = await planned.arm();
  try {
    return await new Sweep(request, planned, armed).run();
  } finally {
    await armed.close();
  }
}

/** One sweep from its baseline to its summary. */
class Sweep {
  readonly #request: SweepRequest;
  readonly #planned: SweepPlan;
  readonly #armed: ArmedSweep;
  readonly #steps: RunSteps;
  readonly #runs: SweepRun[];
  readonly #started = performance.now();

  constructor(request: SweepRequest, planned: SweepPlan, armed: ArmedSweep) {
    this.#request = request;
    this.#planned = planned;
    this.#armed = armed;
    this.#steps = stepsOf(request);
    this.#runs = [...(request.resume?.runs ?? [])];
  }

  async run(): Promise<boolean> {
    const { onEvent, resume } = this.#request;
    const { means, subject, notes } = this.#planned;
    const from = (this.#runs.at(-1)?.n ?? 0) + 1;
    onEvent({ type: 'armed', subject, means, from });
    for (const note of notes) onEvent({ type: 'note', note });
    if (!this.#armed.seesKernelLog) {
      onEvent({ type: 'note', note: { kind: 'kernel log unreadable' } });
    }
    const fresh = await runBaseline(this.#armed, this.#steps, this.#request);
    if (!fresh) return false;
    if (resume && !sameExit(resume.baseline.exit, fresh.exit)) {
      onEvent({ type: 'note', note: { kind: 'other baseline' } });
    }
    onEvent({ type: 'baseline', ...fresh });
    const baseline = resume?.baseline ?? fresh;
    const end = await this.#sweep(from, { ...fresh, matches: baseline.matches });
    const summary = summarise(this.#runs, baseline);
    onEvent({ type: 'done', end, elapsedMs: Math.round(performance.now() - this.#started), summary });
    return summary.ok && end !== 'interrupted' && end !== 'stuck';
  }

  async #sweep(from: number, baseline: Baseline): Promise<SweepEnd> {
    const { only, most, settle, onEvent } = this.#request;
    const numbers = only ?? countFrom(from, most);
    const begun = performance.now();
    let now = 0;
    for (const n of numbers) {
      if (only === undefined && trailingMisses(this.#runs) >= settle) return 'settled';
      const end = await this.#runOne(n, baseline);
      if (end !== undefined) return end;
      now++;
      const elapsedMs = performance.now() - begun;
      const last = only === undefined ? from + most - 1 : now;
      const { matches } = baseline;
      const rest = estimateRest({ done: n, now, matches, settle, last, elapsedMs });
      const failures = this.#runs.filter((run) => isFailure(run.outcome)).length;
      if (only === undefined) onEvent({ type: 'progress', done: n, failures, ...rest });
    }
    if (only !== undefined) return 'only';
    return trailingMisses(this.#runs) >= settle ? 'settled' : 'most';
  }

  async #checkOf({ captured: { exit, stdout }, cut }: ObservedRun, baseline: Baseline) {
    if (!cut && !sameExit(exit, baseline.exit)) return undefined;
    return await this.#steps.check({ stdout: stdout.text, ended: cut?.ended ?? true });
  }

  /** One run; returns why it must be the last one, if it must. */
  async #runOne(n: number, baseline: Baseline): Promise<SweepEnd | undefined> {
    const { signal, only, sameOutput, onEvent } = this.#request;
    await this.#armed.reset();
    await this.#steps.prepare();
    if (signal.aborted) return 'interrupted';
    const observed = await this.#armed.run(n);
    const { captured, findings } = observed;
    if (signal.aborted) return 'interrupted';
    const check = await this.#checkOf(observed, baseline);
    if (signal.aborted) return 'interrupted';
    const facts = { ...observed, ...factsOf(observed), check };
    const shown = observed.cut && (only !== undefined || check?.passed === false);
    const run: SweepRun = {
      n,
      ...classifyRun(facts, baseline, sameOutput),
      exit: captured.exit,
      stack: observed.stack,
      thread: observed.thread,
      ...(observed.request && { request: observed.request }),
      ...(shown && { cut: observed.cut }),
      elapsedMs: captured.elapsedMs,
      lastLines: facts.lastLines,
      kernelLog: findings.map((finding) => finding.line),
    };
    this.#runs.push(run);
    if (only !== undefined) {
      onEvent({ type: 'output', n, stdout: captured.stdout.text, stderr: captured.stderr.text });
    }
    onEvent({ type: 'run', ...run });
    if (findings.some((finding) => finding.severity === 'oops')) return 'oops';
    return captured.gone ? undefined : 'stuck';
  }
}

function factsOf({ captured: { exit, stdout, stderr }, cut, findings }: ObservedRun) {
  const lines = lastLines(stderr.text);
  return {
    exit,
    cut: cut !== undefined,
    stdout: stdout.sha256,
    lastLines: lines.length > 0 ? lines : lastLines(stdout.text),
    kernelLog: findings.filter(({ severity }) => severity !== 'oom').map(({ line }) => line),
  };
}

function* countFrom(first: number, count: number): Generator<number> {
  for (let n = first; n < first + count; n++) yield n;
}

/** Runs without a fault at the end. */
export function trailingMisses(runs: readonly SweepRun[]): number {
  return runs.length - 1 - runs.findLastIndex((run) => run.outcome !== 'no fault');
}
