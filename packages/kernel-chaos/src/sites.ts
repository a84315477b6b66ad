import type { BpfMap } from '@ordeal/bpf';
import { LITTLE_ENDIAN } from '@ordeal/linux';

/** One kernel stack under which faults happened. */
export interface Site {
  readonly stackId: number;
  /** Return addresses, innermost first; ends where the stack or the kept depth ends. */
  readonly addresses: readonly bigint[];
  readonly faults: bigint;
}

/** Reads the maps `sites` (stack id to count) and `stacks` (stack id to addresses), most frequent first. */
export function readSites(sites: BpfMap, stacks: BpfMap): Site[] {
  return sites
    .keys()
    .map((key) => ({
      stackId: new DataView(key.buffer).getUint32(0, LITTLE_ENDIAN),
      addresses: u64s(stacks.lookup(key)).filter(Boolean),
      faults: u64s(sites.lookup(key))[0] ?? 0n,
    }))
    .filter((site) => site.faults > 0n)
    .sort((a, b) => Number(b.faults - a.faults));
}

function u64s(bytes: Uint8Array | undefined): bigint[] {
  if (!bytes) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, index) => view.getBigUint64(index * 8, LITTLE_ENDIAN));
}
