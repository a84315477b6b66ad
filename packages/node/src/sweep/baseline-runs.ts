import { OrdealError } from '@ordeal/diagnostics';
import type { ArmedSweep } from './armed-sweep.js';
import { withLine } from './classify-run.js';
import { lastLines } from './output-tail.js';
import { exitWords, sameExit } from './run-exit.js';
import type { RunSteps } from './run-steps.js';
import type { SweepRequest } from './sweep-request.js';
import type { Baseline } from './sweep-run.js';

/**
 * Runs the command twice without a fault: the first run fills caches, the second one counts. Both must end alike, or
 * faults could not be told from the command's own variation. Undefined if the sweep was ended in between.
 *
 * @throws OrdealError ORD-310 for a command that cannot be swept, ORD-303 for one that does not start
 */
export async function runBaseline(
  armed: ArmedSweep,
  steps: RunSteps,
  request: SweepRequest,
): Promise<Baseline | undefined> {
  const first = await once(armed, steps, request);
  const second = first && (await once(armed, steps, request));
  if (!first || !second) return undefined;
  if (!sameExit(first.exit, second.exit)) {
    const [one, two] = [first, second].map(({ exit }) => exitWords(exit));
    throw new OrdealError('ORD-310', `Without a fault the command ended with ${one}, then with ${two}`);
  }
  if (request.sameOutput && first.stdout !== second.stdout) {
    throw new OrdealError(
      'ORD-310',
      'Two runs without a fault print different things, so --same-output cannot be used',
      {
        hint: 'Leave --same-output out, or check what the command did with --check CMD.',
      },
    );
  }
  return second;
}

async function once(
  armed: ArmedSweep,
  steps: RunSteps,
  { command, signal }: SweepRequest,
): Promise<Baseline | undefined> {
  await armed.reset();
  await steps.prepare();
  if (signal.aborted) return undefined;
  const { captured, matches, matchesOfEach } = await armed.run(0);
  if (signal.aborted) return undefined;
  const { exit, elapsedMs, stdout, stderr } = captured;
  const detail = lastLines(stderr.text);
  if (exit.kind === 'limit') {
    throw new OrdealError(
      'ORD-310',
      `Without a fault the command takes longer than ${exit.limitMs / 1000} s`,
      {
        detail,
        hint: 'Give it more time with --limit TIME.',
      },
    );
  }
  if (exit.kind === 'killed') {
    throw new OrdealError('ORD-310', `Without a fault the command is killed by ${exit.signal}`, { detail });
  }
  if (exit.code === 126 || exit.code === 127) {
    throw new OrdealError('ORD-303', withLine(`${command[0]} could not be started`, detail));
  }
  const check = await steps.check({ stdout: stdout.text, ended: true });
  if (signal.aborted) return undefined;
  if (check && !check.passed) {
    throw new OrdealError('ORD-310', `Without a fault the check fails: ${check.words}`);
  }
  return { exit, matches, ...(matchesOfEach && { matchesOfEach }), elapsedMs, stdout: stdout.sha256 };
}
