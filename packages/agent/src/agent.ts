import { AGENT_FINALIZER, type Injection, injections } from '@ordeal/controller';
import { OrdealError } from '@ordeal/diagnostics';
import {
  isNotFound,
  type KubeClient,
  type Outcome,
  Reflector,
  removeFinalizers,
  WorkQueue,
} from '@ordeal/kube';
import type { Status, Supervisor } from '@ordeal/supervisor';
import { appliedFor, supervisedId, uidOf } from './desired.js';
import { Lease } from './lease.js';
import { type Known, refusalText, reportDelay, reportOf, type StatusPatch } from './report.js';

/** What the node refuses now, as a kernel without a module, may be possible later. */
const REFUSED_AGAIN_MS = 30_000;

export interface AgentOptions {
  /** The caller closes it after the agent. */
  readonly client: KubeClient;
  /** Used exclusively; the caller closes it after the agent. */
  readonly supervisor: Supervisor;
  readonly nodeName: string;
  /** Called for each error that is retried. */
  readonly onError: (error: unknown) => void;
  /** Time without contact to the API server after which faults end. Default: a minute. */
  readonly leaseMs?: number;
  /** Shortest interval between writes of changed counters. Default: 5 s. */
  readonly reportMs?: number;
}

/**
 * Reconciles the supervisor's injections with the Injections of one node: level-based, so that the successor of a
 * killed agent needs no state of it.
 */
export class Agent {
  readonly #options: Required<AgentOptions>;
  readonly #fieldSelector: string;
  readonly #lease: Lease;
  readonly #queue: WorkQueue;
  readonly #reflector: Reflector<Injection>;
  readonly #unwatch: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  /** Keys of the Injections by their uid, also of deleted ones that are still held. */
  readonly #keys = new Map<string, string>();
  readonly #phases = new Map<string, Status['phase']>();
  readonly #reported = new Map<string, string>();
  #cutOff = false;
  #asking: Promise<void> | undefined;

  /** Starts when the API server has answered; until then the supervisor keeps its injections. */
  constructor(options: AgentOptions) {
    this.#options = { leaseMs: 60_000, reportMs: 5_000, ...options };
    const { client, supervisor, nodeName, onError } = this.#options;
    this.#fieldSelector = `spec.nodeName=${nodeName}`;
    this.#lease = new Lease(this.#options.leaseMs);
    this.#queue = new WorkQueue({
      handle: (key) => this.#reconcile(key),
      onError: (_key, error) => onError(error),
    });
    this.#reflector = new Reflector(client, injections, {
      fieldSelector: this.#fieldSelector,
      onChange: ({ metadata }) => {
        this.#lease.renew();
        this.#keys.set(metadata.uid, keyOf(metadata));
        this.#queue.add(keyOf(metadata));
      },
      onError,
    });
    void this.#reflector.synced.then(() => this.#forgetUnwanted());
    this.#unwatch = supervisor.watch((status) => this.#heed(status));
    this.#heartbeat = setInterval(() => this.#beat(), this.#lease.heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Resolves once every Injection that existed at the start is known. */
  get synced(): Promise<void> {
    return this.#reflector.synced;
  }

  /** Stops writing and changing anything; the supervisor keeps its injections. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#unwatch();
    await this.#reflector.close();
    await this.#queue.close();
    await this.#asking;
  }

  async #reconcile(key: string): Promise<Outcome> {
    const [namespace, name = ''] = key.split('/');
    const injection = this.#reflector.get(namespace, name);
    const uid = injection?.metadata.uid;
    for (const held of this.#heldFor(key)) {
      const wanted = uidOf(held.id) === uid && injection?.metadata.deletionTimestamp === undefined;
      if (!wanted || this.#mustGo(held)) await this.#remove(held.id);
    }
    if (injection === undefined) {
      this.#forget(key);
      return undefined;
    }
    if (injection.metadata.deletionTimestamp !== undefined) {
      await this.#letGo(injection);
      return undefined;
    }
    const known = this.#cutOff ? new Map<string, Known>() : await this.#hold(injection);
    const wait = reportDelay(known, Date.now());
    if (wait > 0) return { againAfterMs: wait };
    await this.#report(injection, known);
    // The supervisor retries what it holds, and nothing else.
    const refused = [...known.values()].some((each) => 'refusal' in each);
    return refused ? { againAfterMs: REFUSED_AGAIN_MS } : undefined;
  }

  /** Applies every container's injection to the supervisor, and returns the state of each. */
  async #hold(injection: Injection): Promise<Map<string, Known>> {
    const { supervisor } = this.#options;
    const { uid } = injection.metadata;
    const known = new Map<string, Known>();
    for (const container of injection.spec.containerNames) {
      const id = supervisedId(uid, container);
      const applied = appliedFor(injection, container);
      const before = supervisor.status(id);
      try {
        // An ended injection would begin again.
        const over = before?.phase === 'ended' && before.deadline === applied.deadline;
        if (!over) await supervisor.apply(id, applied);
        const status = supervisor.status(id);
        if (status) known.set(container, { status });
      } catch (error) {
        if (!(error instanceof OrdealError)) throw error;
        known.set(container, { refusal: refusalText(error, applied.document) });
      }
    }
    return known;
  }

  /** The faults are lifted: the finalizer is not needed any more. */
  async #letGo(injection: Injection): Promise<void> {
    try {
      await removeFinalizers(this.#options.client, injections, injection, (each) => each === AGENT_FINALIZER);
      this.#lease.renew();
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #report(injection: Injection, known: ReadonlyMap<string, Known>): Promise<void> {
    const { uid, namespace, name } = injection.metadata;
    const report: StatusPatch = this.#cutOff
      ? { ...reportOf(injection, known), reason: 'ApiServerUnreachable' }
      : reportOf(injection, known);
    const text = JSON.stringify(report);
    if (this.#reported.get(uid) === text) return;
    const status = { ...report, lastContact: new Date().toISOString() };
    try {
      await this.#options.client.patch(
        injections,
        { namespace, name },
        { status },
        { subresource: 'status' },
      );
    } catch (error) {
      // Deleted in between: the reflector reports it.
      if (isNotFound(error)) return;
      throw error;
    }
    this.#reported.set(uid, text);
    this.#lease.renew();
  }

  /** A change of phase is written at once, counters at intervals. */
  #heed({ id, phase }: Status): void {
    const key = this.#keys.get(uidOf(id));
    if (key === undefined) return;
    if (this.#phases.get(id) === phase) this.#queue.addAfter(key, this.#options.reportMs);
    else this.#queue.add(key);
    this.#phases.set(id, phase);
  }

  /** The lease is checked whether the server answers or not; one request at a time. */
  #beat(): void {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    if (this.#cutOff === this.#lease.isOver) return;
    this.#cutOff = this.#lease.isOver;
    for (const key of new Set(this.#keys.values())) this.#queue.add(key);
    if (this.#cutOff) void this.#forgetUnwanted();
  }

  async #ask(): Promise<void> {
    const { client, onError } = this.#options;
    try {
      // A request that the agent is permitted to make.
      await client.pages(injections, { fieldSelector: this.#fieldSelector }).next();
      this.#lease.renew();
    } catch (error) {
      onError(error);
    }
  }

  /** Lifts injections of an earlier agent's journal that have no Injection. */
  async #forgetUnwanted(): Promise<void> {
    const wanted = new Set([...this.#reflector.objects()].map(({ metadata }) => metadata.uid));
    const { supervisor, onError } = this.#options;
    const unwanted = supervisor.list().filter((held) => this.#mustGo(held) || !wanted.has(uidOf(held.id)));
    await Promise.all(unwanted.map(({ id }) => this.#remove(id).catch(onError)));
  }

  /** A node that is cut off has no faults. Ended injections stay, or they would begin again afterwards. */
  #mustGo({ phase }: Status): boolean {
    return this.#cutOff && phase !== 'ended';
  }

  async #remove(id: string): Promise<void> {
    const status = await this.#options.supervisor.remove(id);
    this.#phases.delete(id);
    for (const what of status?.left ?? []) {
      this.#options.onError(new OrdealError('ORD-804', `${id}: not recovered: ${what}`));
    }
  }

  #heldFor(key: string): Status[] {
    return this.#options.supervisor.list().filter(({ id }) => this.#keys.get(uidOf(id)) === key);
  }

  #forget(key: string): void {
    for (const [uid, each] of this.#keys) {
      if (each !== key) continue;
      this.#keys.delete(uid);
      this.#reported.delete(uid);
    }
  }
}

function keyOf({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
