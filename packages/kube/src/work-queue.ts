import { type BackOffLimits, backOff } from './back-off.js';

/** What to do with an item after it was handled: nothing, or handle it again after a delay. */
export type Outcome = undefined | { readonly againAfterMs: number };

export interface WorkQueueOptions {
  /** Reconciles one item. If it throws, the item is retried after a back-off. */
  readonly handle: (key: string) => Promise<Outcome>;
  /** Called for each failure; must not throw. */
  readonly onError: (key: string, error: unknown) => void;
  /** How many items are handled concurrently. */
  readonly workers?: number;
  readonly backOff?: BackOffLimits;
  readonly random?: () => number;
}

const BACK_OFF: BackOffLimits = { firstMs: 200, longestMs: 60_000 };
/** Timers fire at once for longer times. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Item {
  /** Failures in a row. */
  failures: number;
  state: 'idle' | 'queued' | 'handled';
  /** Added while it was handled. */
  changed: boolean;
  timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  due: number;
}

/**
 * Handles named items: each is handled by one worker at a time, however often it was added; an item that was added
 * while it is handled is handled once more afterwards. A failing item waits longer each time and does not block others.
 */
export class WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  readonly #items = new Map<string, Item>();
  readonly #queue = new Set<string>();
  #running = 0;
  #closed = false;
  #whenIdle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = { workers: 4, backOff: BACK_OFF, random: Math.random, ...options };
  }

  /** The item may need work: it is handled as soon as a worker is free. */
  add(key: string): void {
    if (this.#closed) return;
    const item = this.#item(key);
    if (item.state === 'handled') item.changed = true;
    if (item.state !== 'idle') return;
    this.#disarm(item);
    item.state = 'queued';
    this.#queue.add(key);
    this.#fill();
  }

  /** As `add`, after a delay, unless an earlier time is set already. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#closed) return;
    this.#arm(key, this.#item(key), milliseconds);
  }

  /** Drops waiting items, and resolves once no item is being handled. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.clear();
    for (const item of this.#items.values()) this.#disarm(item);
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        const earlier = this.#whenIdle;
        this.#whenIdle = () => {
          earlier?.();
          resolve();
        };
      });
    }
    this.#items.clear();
  }

  #item(key: string): Item {
    let item = this.#items.get(key);
    if (item === undefined) {
      item = { failures: 0, state: 'idle', changed: false, timer: undefined, due: Number.POSITIVE_INFINITY };
      this.#items.set(key, item);
    }
    return item;
  }

  #fill(): void {
    for (const key of this.#queue) {
      if (this.#running >= this.#options.workers) return;
      this.#queue.delete(key);
      this.#running++;
      void this.#work(key, this.#item(key));
    }
  }

  async #work(key: string, item: Item): Promise<void> {
    item.state = 'handled';
    item.changed = false;
    let again: number | undefined;
    try {
      again = (await this.#options.handle(key))?.againAfterMs;
      item.failures = 0;
    } catch (error) {
      item.failures++;
      again = backOff(item.failures, this.#options.backOff, this.#options.random);
      this.#options.onError(key, error);
    }
    this.#running--;
    item.state = 'idle';
    if (this.#closed) {
      if (this.#running === 0) this.#whenIdle?.();
      return;
    }
    // A failed item waits for its back-off even if it was added in between: it would fail again.
    if (item.changed && item.failures === 0) this.add(key);
    else if (again !== undefined) this.#arm(key, item, again);
    if (item.state === 'idle' && item.timer === undefined) this.#items.delete(key);
    this.#fill();
  }

  #arm(key: string, item: Item, milliseconds: number): void {
    const due = performance.now() + milliseconds;
    if (due >= item.due) return;
    this.#disarm(item);
    item.due = due;
    item.timer = setTimeout(
      () => {
        this.#disarm(item);
        if (performance.now() < due - 1) this.#arm(key, item, due - performance.now());
        else this.add(key);
      },
      Math.min(milliseconds, LONGEST_TIMER_MS),
    );
  }

  #disarm(item: Item): void {
    clearTimeout(item.timer);
    item.timer = undefined;
    item.due = Number.POSITIVE_INFINITY;
  }
}
