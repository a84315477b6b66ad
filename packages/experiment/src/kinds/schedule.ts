import { bigInteger, integer } from '../schema/integer.js';
import { object } from '../schema/object.js';
import { oneOf } from '../schema/scalar.js';
import { defaulted, type Infer, optional, required } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';
import { type ChaosType, chaosTypeShape } from './chaos-type.js';
import { ioChaosTemplateShape } from './io-chaos.js';
import { kernelChaosTemplateShape } from './kernel-chaos.js';
import { scheduleShape } from './scheduler.js';

const BLOCKS: { readonly [type in ChaosType]: 'kernelChaos' | 'ioChaos' } = {
  KernelChaos: 'kernelChaos',
  IOChaos: 'ioChaos',
};

/** `spec` of a Schedule. */
export const scheduleSpecShape = object(
  {
    schedule: required(scheduleShape, 'When an experiment starts.'),
    startingDeadlineSeconds: optional(
      bigInteger({ min: 1n }),
      'How many seconds late an experiment may still start; any when left out.',
    ),
    concurrencyPolicy: defaulted(
      oneOf(['Forbid', 'Allow']),
      'Forbid',
      'Whether an experiment may start while an earlier one is not finished.',
    ),
    historyLimit: optional(
      integer({ min: 1 }),
      'How many finished experiments are kept; none when left out.',
    ),
    type: required(chaosTypeShape, 'The kind of the experiments.'),
    kernelChaos: optional(kernelChaosTemplateShape, 'The spec of each experiment, for type KernelChaos.'),
    ioChaos: optional(ioChaosTemplateShape, 'The spec of each experiment, for type IOChaos.'),
  },
  checkBlocks,
);

/** When experiments start, and what they do. */
export interface ScheduleSpec extends Infer<typeof scheduleSpecShape> {}

type Blocks = {
  readonly [block in 'kernelChaos' | 'ioChaos']?: { readonly duration: bigint | undefined } | undefined;
};

function checkBlocks(
  value: Blocks & { readonly type?: ChaosType; readonly concurrencyPolicy?: string },
  spot: Spot,
): void {
  const { type } = value;
  if (type === undefined) return;
  const own = BLOCKS[type];
  if (!spot.wrote(own)) {
    spot.report(
      { code: 'ORD-119', message: `type: ${type} needs ${own}, the spec of its experiments` },
      'type',
    );
  }
  for (const block of Object.values(BLOCKS)) {
    if (block === own || !spot.wrote(block)) continue;
    spot.report({ code: 'ORD-119', message: `${block}: does not belong to type ${type}` }, block);
  }
  const chaos = value[own];
  if (value.concurrencyPolicy !== 'Forbid' || chaos === undefined || chaos.duration !== undefined) return;
  spot.report(
    {
      severity: 'warning',
      code: 'ORD-121',
      message: `${own}: without a duration the first experiment never finishes, and no other one starts`,
      hint: 'write a duration, or concurrencyPolicy: Allow',
    },
    own,
  );
}
