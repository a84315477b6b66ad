import { release } from 'node:os';
import { OrdealError } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import { checkVolume } from '@ordeal/io-chaos';
import { volumeOf } from '../check-experiments.js';
import { ArmedIoSweep } from './armed-io-sweep.js';
import type { SweepPlan } from './plan-sweep.js';
import type { IoSweep, SweepRequest } from './sweep-request.js';

/** @throws OrdealError ORD-310 for a document that cannot be swept, ORD-711, ORD-753 */
export function planIoSweep(sweep: SweepRequest, { spec }: IoSweep): SweepPlan {
  const { command, stdin, prepare, check, sameOutput } = sweep;
  if (spec.action !== 'fault') {
    throw new OrdealError('ORD-310', `A sweep cannot be made with action: ${spec.action}`, {
      hint: 'Give an IOChaos with action: fault and an errno.',
    });
  }
  const volumePath = volumeOf(spec) ?? '';
  checkVolume(process.pid, volumePath).origin.close();
  const swept = sweptSpec(spec);
  const { methods, errno, path } = swept;
  return {
    mechanism: 'fault file system',
    arm: () => ArmedIoSweep.arm(sweep, swept),
    subject: {
      command,
      what: `${spec.methods.length === 0 ? 'request' : spec.methods.join('/')}s`,
      request: JSON.stringify({ volumePath, errno, methods, path: path?.pattern }),
      under: [path?.pattern ?? volumePath],
      kernel: release(),
      stdin,
      prepare,
      check,
      sameOutput,
    },
    notes: ignoredFields(spec),
  };
}

/** The sweep decides which match fails. */
function sweptSpec(spec: IOChaosSpec): IOChaosSpec {
  const all = { percent: 100, after: undefined, every: undefined, times: undefined, seed: undefined };
  return { ...spec, ...all };
}

function ignoredFields({ percent, after, every, times, seed }: IOChaosSpec): string[] {
  const given = { after, every, times, seed };
  const names = [
    ...(percent === 100 ? [] : ['percent']),
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name])),
  ];
  if (names.length === 0) return [];
  return [`${names.join(' and ')} of the document: ignored, a sweep fails one match per run, each in turn`];
}
