import type { IOChaosSpec } from '@ordeal/experiment';

type Filling = NonNullable<IOChaosSpec['mistake']>['filling'];

/** What damaged bytes are. */
const DAMAGED: Readonly<Record<Filling, string>> = {
  zero: 'they become zeros',
  random: 'they become random',
  flip: 'each has one bit flipped',
  misplaced: 'they are those of another block of the file',
  stale: 'they are those before the last write',
  sticky: 'each has one bit flipped, the same at every read until it is overwritten',
};

/** Fillings that damage only what is read. */
const ON_READS: ReadonlySet<Filling | undefined> = new Set<Filling>(['misplaced', 'stale', 'sticky']);

/** Describes a mistake: `bytes of reads under /data are damaged: they become zeros`. Pure. */
export function damageWords({ methods, mistake }: IOChaosSpec, place: string): string {
  const filling = mistake?.filling;
  const onReads = ON_READS.has(filling);
  const kinds = methods.length > 0 ? methods : (['read', 'write'] as const);
  const damaged = kinds.filter((method) => !onReads || method === 'read');
  if (damaged.length === 0) return `nothing ${place} is damaged: ${filling} is for reads`;
  return `bytes of ${damaged.join(', ')} ${place} are damaged${filling ? `: ${DAMAGED[filling]}` : ''}`;
}
