import { release } from 'node:os';
import { errnoName, OrdealError } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import { checkVolume } from '@ordeal/io-chaos';
import { volumeOf } from '../check-experiments.js';
import { ArmedIoSweep } from './armed-io-sweep.js';
import { ignoredFields } from './ignored-fields.js';
import type { SweepPlan } from './plan-sweep.js';
import type { SweepNote } from './sweep-note.js';
import type { IoSweep, SweepRequest } from './sweep-request.js';

/** @throws OrdealError ORD-310 for a document that cannot be swept, ORD-711, ORD-753 */
export function planIoSweep(request: SweepRequest, sweep: IoSweep): SweepPlan {
  const { command, stdin, prepare, check, sameOutput } = request;
  const { spec, from, states } = sweep;
  refuse(sweep, check);
  const volumePath = volumeOf(spec) ?? '';
  checkVolume(request.keeper.runDirectory, process.pid, volumePath).origin.close();
  const { action, methods, path, powerLoss } = spec;
  const cuts = action === 'powerLoss';
  const place = path?.pattern ?? volumePath;
  const requests = `${methods.length === 0 ? 'request' : methods.join('/')}s`;
  const error = errnoName(spec.errno ?? 0);
  return {
    means: { kind: 'io' },
    arm: () => ArmedIoSweep.arm(request, sweep),
    subject: {
      command,
      what: cuts ? 'power cuts' : requests,
      how: cuts ? 'cut' : from ? 'from' : 'once',
      request: JSON.stringify({
        action,
        volumePath,
        error,
        methods,
        path: path?.pattern,
        powerLoss,
        from,
        states,
      }),
      under: [place],
      ...(!cuts && { error }),
      kernel: release(),
      stdin,
      prepare,
      check,
      sameOutput,
    },
    notes: notesOn(spec),
  };
}

function refuse({ spec: { action, powerLoss }, from, states }: IoSweep, check: string | undefined): void {
  if (action !== 'fault' && action !== 'powerLoss') {
    throw new OrdealError('ORD-310', `A sweep cannot be made with action: ${action}`, {
      hint: 'Give an IOChaos with action: fault and an errno, or with action: powerLoss.',
    });
  }
  const cuts = action === 'powerLoss';
  if (cuts && from)
    throw new OrdealError('ORD-901', '--from is for action: fault; the power is cut once a run');
  if (!cuts && states > 1) throw new OrdealError('ORD-901', '--cut is for action: powerLoss');
  if (cuts && states > 1 && powerLoss?.lose !== 'random') {
    throw new OrdealError(
      'ORD-901',
      '--cut makes several crash states of a change, and lose: all has only one',
      {
        hint: 'Write lose: random in the document.',
      },
    );
  }
  if (cuts && check === undefined) {
    throw new OrdealError('ORD-901', 'A sweep of power cuts needs --check CMD', {
      hint: 'The command is killed in each run: only a check of its files can find a defect.',
    });
  }
}

function notesOn({ percent, after, every, times, seed }: IOChaosSpec): SweepNote[] {
  return ignoredFields({ percent: percent === 100 ? undefined : percent, after, every, times, seed });
}
