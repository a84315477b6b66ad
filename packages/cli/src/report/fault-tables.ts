import type { SiteSummary } from '@ordeal/node';
import type { Table } from '@ordeal/ui';
import { grouped } from '../render/number.js';
import { type EventOf, reasonCounts } from '../render/run.js';

type Counted = Pick<EventOf<'lifted'>, 'counters' | 'methods' | 'sites'>;

/** What matched and what failed, and for kernel faults under which stacks. */
export function faultTables({ counters, methods, sites }: Counted): Table[] {
  const counts = methods
    ? {
        head: ['operation', 'matched', 'faults'],
        rows: methods.map(({ method, reached, fired }) => [method, grouped(reached), grouped(fired)]),
      }
    : {
        head: ['requests', ''],
        rows: [
          ['at the fault point', grouped(counters.reached)],
          ['in the call chain', grouped(counters.inChain)],
          ...reasonCounts(counters).map(([word, count]) => [word, grouped(count)]),
          ['faults', grouped(counters.fired)],
        ],
      };
  return [counts, ...(sites.length > 0 ? [sitesTable(sites)] : [])].filter(({ rows }) => rows.length > 0);
}

function sitesTable(sites: readonly SiteSummary[]): Table {
  return {
    head: ['faults', 'kernel stack, outermost function first'],
    rows: sites.map(({ faults, stack }) => [grouped(faults), stack.join(' < ')]),
  };
}
