import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trimHeap } from '@ordeal/linux';

let collect: (() => void) | undefined;

/**
 * Collects all garbage of the calling thread and gives free memory back to the system. Takes some tens of milliseconds:
 * for threads that have nothing to do. A thread that never returns to its event loop gets none of V8's own
 * collections for idle times.
 */
export function collectGarbage(): void {
  if (!collect) {
    // The flag only matters for contexts that are made while it is set.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
  // The first one leaves pages to be swept, the second one finds them empty.
  collect();
  trimHeap();
}
