import type { Problem } from './faults-error.js';

interface Counted {
  readonly experiment: string;
  readonly counters: { readonly reached: number; readonly fired: number };
  readonly methods?: readonly {
    readonly method: string;
    readonly reached: number;
    readonly fired: number;
  }[];
}

/** The lines of `ordeal run --json` that the library reads. There are others. */
export type RunLine =
  | { readonly type: 'run-started' }
  | (Counted & { readonly type: 'counters' })
  | (Counted & {
      readonly type: 'lifted';
      readonly reason: string;
      readonly seed?: number;
      readonly whyNot?: string;
    })
  | {
      readonly type: 'io-fault';
      readonly experiment: string;
      readonly match: number;
      readonly action: string;
      readonly method: string;
      readonly path: string;
      readonly offsetBytes?: number;
      readonly sizeBytes?: number;
      readonly process?: number;
      readonly errno?: string;
      readonly delayMs?: number;
      readonly damagedBytes?: number;
    }
  | {
      readonly type: 'fault';
      readonly experiment: string;
      readonly process: number;
      readonly thread: number;
    }
  | { readonly type: 'problems'; readonly problems: readonly Problem[] }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly next: string }
  | { readonly type: 'run-ended' };
