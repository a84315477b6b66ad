import type { IOChaosSpec } from '@ordeal/experiment';
import { ERRNO } from '@ordeal/linux';
import { S } from '../backing/file-flags.js';
import type { DelayTerms } from './delay.js';
import type { AttrOverride, IoRule } from './io-rule.js';
import type { TriggerTerms } from './trigger.js';

/** `attr.kind` as S_IFMT bits. */
const KINDS = {
  namedPipe: S.IFIFO,
  charDevice: S.IFCHR,
  blockDevice: S.IFBLK,
  directory: S.IFDIR,
  regularFile: S.IFREG,
  symlink: S.IFLNK,
  socket: S.IFSOCK,
} as const;

/**
 * The rule that the document's `spec` asks for. The document must have been validated: a block that its action needs and
 * that is missing is a defect here. Pure.
 */
export function ruleOf(spec: IOChaosSpec): IoRule {
  const matching = matchingOf(spec);
  switch (spec.action) {
    case 'latency':
      return { ...matching, action: 'latency', ...delayOf(spec) };
    case 'fault':
      return { ...matching, action: 'fault', errno: needed(spec.errno, 'errno'), unsynced: spec.unsynced };
    case 'attrOverride':
      return { ...matching, action: 'attrOverride', attr: attrOf(needed(spec.attr, 'attr')) };
    case 'mistake':
      return { ...matching, action: 'mistake', mistake: needed(spec.mistake, 'mistake') };
    case 'capacity': {
      const { bytes, errno } = needed(spec.capacity, 'capacity');
      return { ...matching, action: 'capacity', capacity: { bytes, errno: ERRNO[errno] } };
    }
    case 'limit':
      return { ...matching, action: 'limit', limit: needed(spec.limit, 'limit') };
    case 'powerLoss':
      return { ...matching, action: 'powerLoss', powerLoss: needed(spec.powerLoss, 'powerLoss') };
  }
}

/** What a rule does for its owner alone, which no document can ask for. */
export type OwnAction = 'observe' | 'halt';

/** The rule that does this to the requests that the document's `spec` matches. Pure. */
export function ownRule(action: OwnAction, changesOnly: boolean, spec: Omit<IOChaosSpec, 'action'>): IoRule {
  return { ...matchingOf(spec), action, changesOnly };
}

function matchingOf(spec: Omit<IOChaosSpec, 'action'>) {
  const { path } = spec;
  return {
    matchesPath: path && ((text: string) => path.matches(text)),
    methods: spec.methods.length === 0 ? undefined : new Set(spec.methods),
    trigger: triggerOf(spec),
  };
}

function delayOf({
  delay,
  jitter,
  correlation = 0,
  distribution,
  histogram,
  stall,
}: IOChaosSpec): DelayTerms {
  const pauses = stall && { for: milliseconds(stall.for), every: milliseconds(stall.every) };
  const buckets = histogram?.map(({ upTo, weight }) => ({ upTo: milliseconds(upTo), weight }));
  const isSpread = Boolean(jitter) || buckets !== undefined;
  const spread = {
    jitter: milliseconds(jitter),
    distribution,
    histogram: buckets,
    correlation: correlation / 100,
  };
  return {
    milliseconds: milliseconds(delay),
    ...(isSpread && { spread }),
    ...(pauses && { stall: pauses }),
  };
}

function milliseconds(nanoseconds: bigint | undefined): number {
  return Number(nanoseconds ?? 0n) / 1e6;
}

function triggerOf({ percent, after, every, times, seed }: Omit<IOChaosSpec, 'action'>): TriggerTerms {
  return { percent, after, every, times, seed };
}

function attrOf(attr: NonNullable<IOChaosSpec['attr']>): AttrOverride {
  return { ...attr, kind: attr.kind && KINDS[attr.kind] };
}

function needed<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw new TypeError(`an IOChaos without ${field} was not validated`);
  return value;
}
