import type { IoInjection } from '@ordeal/io-chaos';
import {
  armedEvent,
  type IoExperimentSpec,
  ioFaultListener,
  type LiftReason,
  liftedEvent,
  methodSums,
  type RunEvent,
  type Target,
  undoLogOf,
} from '@ordeal/node';

/** Milliseconds between fetches of faults, so that the queue of a busy volume has room. */
const FETCH = 100;

/** Tells what happens to the faults of one IOChaos on one target as the events of a run, each fault among them. */
export class IoFaultEvents {
  /** For the injections. */
  readonly onFaults: ReturnType<typeof ioFaultListener>;
  readonly #work: IoExperimentSpec;
  readonly #tell: (event: RunEvent) => void;
  readonly #begun = performance.now();
  /** Events before the faults are known to be armed. */
  readonly #early: RunEvent[] = [];
  #injections: readonly IoInjection[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(work: IoExperimentSpec, tell: (event: RunEvent) => void) {
    this.#work = work;
    this.#tell = tell;
    this.onFaults = ioFaultListener([work], (event) => this.#hear(event));
  }

  note(message: string): void {
    this.#hear({ type: 'note', at: new Date().toISOString(), note: { kind: 'keeper', message } });
  }

  /** All are armed: from now on their faults are fetched. */
  armed(target: Target, injections: readonly IoInjection[]): void {
    const armingMs = Math.round(performance.now() - this.#begun);
    const adopted = injections.every((each) => each.adopted);
    const event = armedEvent(this.#work, this.#faults, { targets: [target], injections, armingMs });
    this.#tell({ ...event, ...(adopted && { adopted }) });
    for (const each of this.#early.splice(0)) this.#tell(each);
    this.#injections = injections;
    this.#timer = setInterval(() => {
      for (const each of injections) if (!each.quiet) void each.fetchFaults();
    }, FETCH).unref();
  }

  /** @param lift ends the faults; the last of them are reported then */
  async lifted(reason: LiftReason, lift: () => Promise<unknown>): Promise<void> {
    clearInterval(this.#timer);
    const injections = this.#injections;
    const undoLog = await undoLogOf(this.#work.spec, injections);
    await lift();
    const failed = injections.some(({ lost }) => lost);
    const elapsedMs = Math.round(performance.now() - this.#begun);
    const methods = methodSums(injections.flatMap(({ counts }) => counts[0] ?? []));
    const end = { reason: failed ? 'failed' : reason, elapsedMs, methods, undoLog } as const;
    this.#tell(liftedEvent(this.#work, this.#faults, injections.length, end));
  }

  get #faults() {
    const { spec, only } = this.#work;
    return { kind: 'io', spec, matched: undefined, only } as const;
  }

  #hear(event: RunEvent): void {
    if (this.#timer === undefined) this.#early.push(event);
    else this.#tell(event);
  }
}
