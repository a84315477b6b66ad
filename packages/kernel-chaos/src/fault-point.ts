import type { FailKernRequest, Failtype } from '@ordeal/experiment';
import { ERRNO, errnoName } from '@ordeal/linux';
import type { ErrorType } from './injection-list.js';
import type { KernelFacts } from './kernel-facts.js';
import { systemCallFunction, systemCallOf } from './system-call-name.js';

/** What a request makes fail. */
export interface FaultPoint {
  /** Undefined for a function that is none of the three. */
  readonly failtype: Failtype | undefined;
  /** What fails, in words: `slab allocations`. */
  readonly what: string;
  /** What callers get, in words: `ENOMEM`. */
  readonly outcome: string;
  /** The kernel function whose result is forced. Each is on the kernel's error injection list. */
  readonly function: string;
  /** The result that makes the caller fail. */
  readonly forcedResult: number;
  /** Index of the argument with the allocation flags, if there is one. */
  readonly gfpArgument: number | undefined;
  /** The option that a kernel since 6.11 needs for the function to exist. */
  readonly option: string | undefined;
}

type NumberedFaultPoint = FaultPoint & { readonly failtype: Failtype };

/**
 * The three fault points by `failtype`. Sources: mm/failslab.c and mm/slab_common.c, mm/page_alloc.c,
 * block/blk-core.c (the last in all kernels since 4.16, the others everywhere up to 6.10).
 */
export const FAULT_POINTS: readonly [NumberedFaultPoint, NumberedFaultPoint, NumberedFaultPoint] = [
  {
    failtype: 0,
    what: 'slab allocations',
    outcome: 'ENOMEM',
    function: 'should_failslab',
    forcedResult: -ERRNO.ENOMEM,
    gfpArgument: 1,
    option: 'CONFIG_FAILSLAB',
  },
  {
    failtype: 1,
    what: 'page allocations',
    outcome: 'ENOMEM',
    function: 'should_fail_alloc_page',
    forcedResult: 1,
    gfpArgument: 0,
    option: 'CONFIG_FAIL_PAGE_ALLOC',
  },
  {
    failtype: 2,
    what: 'block I/O requests',
    outcome: 'EIO',
    function: 'should_fail_bio',
    forcedResult: -ERRNO.EIO,
    gfpArgument: undefined,
    option: undefined,
  },
];

/** The words for a request whose kernel is not known. Pure. */
export function faultWords(
  request: Pick<FailKernRequest, 'failtype' | 'function' | 'errno'>,
): Pick<FaultPoint, 'what' | 'outcome' | 'function'> {
  const { function: name, errno } = request;
  if (name === undefined) return FAULT_POINTS[request.failtype ?? 0];
  return {
    what: `calls of ${name}`,
    outcome: errno === undefined ? 'NULL or true' : errnoName(errno),
    function: name,
  };
}

/**
 * The fault point that a function of the error injection list is. Pure.
 *
 * @param errno undefined where it returns NULL or true
 */
export function functionFaultPoint(target: string, type: ErrorType, errno: number | undefined): FaultPoint {
  const point = FAULT_POINTS.find((each) => each.function === target);
  return {
    failtype: point?.failtype,
    what: point?.what ?? `calls of ${systemCallOf(target) ?? target}`,
    outcome: errno === undefined ? (type === 'TRUE' ? 'true' : 'NULL') : errnoName(errno),
    function: target,
    forcedResult: errno === undefined ? Number(type === 'TRUE') : -errno,
    gfpArgument: point?.gfpArgument,
    option: 'CONFIG_FUNCTION_ERROR_INJECTION',
  };
}

/** Stands for all system calls in trials: what can make this one fail can make each of them fail. Pure. */
export function systemCallFaultPoint(facts: KernelFacts): FaultPoint {
  const target = systemCallFunction(facts, 'openat') ?? `__${facts.arch}_sys_openat`;
  return { ...functionFaultPoint(target, 'ERRNO', ERRNO.EMFILE), what: 'system calls' };
}
