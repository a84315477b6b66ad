import type { IOChaosSpec } from '@ordeal/experiment';
import type { VolumeFaults } from '@ordeal/node';

/** What an IOChaos with these fields injects. */
export function volumeFaults(fields: Partial<IOChaosSpec>): VolumeFaults {
  const spec = { methods: [], volumePath: '/data', ...fields } as unknown as IOChaosSpec;
  return { kind: 'io', spec, matched: undefined, only: undefined };
}
