import { integer } from '../schema/integer.js';
import { list } from '../schema/list.js';
import { object } from '../schema/object.js';
import { string } from '../schema/scalar.js';
import { checked, defaulted, type Infer, mapped, optional, required } from '../schema/shape.js';
import { callChainShape } from './call-chain.js';
import { failtypeShape } from './failtype.js';
import { checkFault, kernelErrnoShape, kernelFunctionShape } from './kernel-function.js';
import { schedulerField } from './scheduler.js';
import { checkModeValue, targetFields } from './target.js';
import { triggerFields, warnOfSeed } from './trigger.js';

const written = object(
  {
    failtype: optional(
      failtypeShape,
      'What fails: 0 slab allocations, 1 page allocations, 2 block I/O; left out with function.',
    ),
    function: optional(
      kernelFunctionShape,
      'The kernel function or system call that fails, in place of a failtype: `openat` for example.',
    ),
    errno: optional(
      kernelErrnoShape,
      'How function fails: a number, or a name such as EMFILE; nothing where it returns NULL or true.',
    ),
    headers: defaulted(
      list(string()),
      [],
      'Kernel headers; accepted and not needed, because types come from the BTF of the running kernel.',
    ),
    callchain: defaulted(
      callChainShape,
      [],
      'Functions that must be active on the stack, outermost first; everywhere when left out.',
    ),
    probability: defaulted(
      integer({ min: 0, max: 100 }),
      100,
      'Percent of matches that fail; always when left out, never when 0.',
    ),
    after: triggerFields.after,
    every: triggerFields.every,
    seed: triggerFields.seed,
    times: defaulted(integer({ min: 0 }), 0, 'The most faults for each target; no limit when 0 or left out.'),
  },
  checkFault,
);

const failKernRequestShape = checked(
  mapped(written, (value, spot) => ({
    ...value,
    /** Where they were written. */
    places: { function: spot.placeBelow('function'), errno: spot.placeBelow('errno') },
  })),
  ({ probability, headers }, spot) => {
    if (probability === 100) warnOfSeed(spot);
    if (probability === 0) {
      spot.report(
        {
          severity: 'warning',
          code: 'ORD-121',
          message: 'probability: 0 arms and counts but never fails; the existing engine treats 0 as always',
          hint: 'leave it out to fail always',
        },
        'probability',
      );
    }
    if (headers.length === 0) return;
    const message = 'headers: not needed, types come from the BTF of the running kernel';
    spot.report({ severity: 'note', code: 'ORD-122', message }, 'headers');
  },
);

const embedded = {
  ...targetFields,
  failKernRequest: required(failKernRequestShape, 'What fails, and where.'),
};

/** `spec` of a KernelChaos inside a Schedule. */
export const kernelChaosTemplateShape = object(embedded, checkModeValue);

/** `spec` of a KernelChaos. */
export const kernelChaosShape = object({ ...embedded, ...schedulerField }, checkModeValue);

/** What fails, and where. */
export interface FailKernRequest extends Infer<typeof failKernRequestShape> {}

/** What a KernelChaos does. `duration` in nanoseconds. */
export interface KernelChaosSpec extends Infer<typeof kernelChaosTemplateShape> {}
