import { AGENT_FINALIZER, type Injection, injections } from '@ordeal/controller';
import { OrdealError } from '@ordeal/diagnostics';
import { isNotFound, type KubeClient, Reflector, removeFinalizers, WorkQueue } from '@ordeal/kube';
import type { Status, Supervisor } from '@ordeal/supervisor';
import { appliedFor, supervisedId, uidOf } from './desired.js';
import { Lease } from './lease.js';
import { type Known, reportOf, type StatusPatch } from './report.js';

export interface AgentOptions {
  /** The caller closes it after the agent. */
  readonly client: KubeClient;
  /** Used by nobody else; the caller closes it after the agent. */
  readonly supervisor: Supervisor;
  readonly nodeName: string;
  /** Told what went wrong and is tried again. */
  readonly onError: (error: unknown) => void;
  /** Faults end when the API server was not heard of for so long. Default: a minute. */
  readonly leaseMs?: number;
  /** How often counters that changed are written, at most. Default: 5 s. */
  readonly reportMs?: number;
}

/**
 * Makes what the supervisor holds equal to the Injections of one node: level-based, so that an agent that was killed is
 * followed by one that needs to know nothing of it.
 */
export class Agent {
  readonly #options: Required<AgentOptions>;
  readonly #fieldSelector: string;
  readonly #lease: Lease;
  readonly #queue: WorkQueue;
  readonly #reflector: Reflector<Injection>;
  readonly #unwatch: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  /** Keys of the Injections by their uid, also of those that are gone and still held. */
  readonly #keys = new Map<string, string>();
  readonly #phases = new Map<string, Status['phase']>();
  readonly #reported = new Map<string, string>();
  #cutOff = false;
  #asking: Promise<void> | undefined;

  /** Begins with what the API server says once it has answered; until then the supervisor holds what it held. */
  constructor(options: AgentOptions) {
    this.#options = { leaseMs: 60_000, reportMs: 5_000, ...options };
    const { client, supervisor, nodeName, onError } = this.#options;
    this.#fieldSelector = `spec.nodeName=${nodeName}`;
    this.#lease = new Lease(this.#options.leaseMs);
    this.#queue = new WorkQueue({
      handle: async (key) => {
        await this.#reconcile(key);
        return undefined;
      },
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

  /** Resolves once every Injection that was there at the start is known. */
  get synced(): Promise<void> {
    return this.#reflector.synced;
  }

  /** Writes and changes nothing any more; what is held stays with the supervisor. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#unwatch();
    await this.#reflector.close();
    await this.#queue.close();
    await this.#asking;
  }

  async #reconcile(key: string): Promise<void> {
    const [namespace, name = ''] = key.split('/');
    const injection = this.#reflector.get(namespace, name);
    const uid = injection?.metadata.uid;
    for (const held of this.#heldFor(key)) {
      const wanted = uidOf(held.id) === uid && injection?.metadata.deletionTimestamp === undefined;
      if (!wanted || this.#mustGo(held)) await this.#remove(held.id);
    }
    if (injection === undefined) return this.#forget(key);
    if (injection.metadata.deletionTimestamp !== undefined) return this.#letGo(injection);
    await this.#report(injection, this.#cutOff ? new Map() : await this.#hold(injection));
  }

  /** Asks the supervisor for every container, and tells what is known of each. */
  async #hold(injection: Injection): Promise<Map<string, Known>> {
    const { supervisor } = this.#options;
    const { uid } = injection.metadata;
    const known = new Map<string, Known>();
    for (const container of injection.spec.containerNames) {
      const id = supervisedId(uid, container);
      const applied = appliedFor(injection, container);
      const before = supervisor.status(id);
      try {
        // What has ended would begin again.
        const over = before?.phase === 'ended' && before.deadline === applied.deadline;
        if (!over) await supervisor.apply(id, applied);
        const status = supervisor.status(id);
        if (status) known.set(container, { status });
      } catch (error) {
        if (!(error instanceof OrdealError)) throw error;
        known.set(container, { refusal: { code: error.code, message: error.message } });
      }
    }
    return known;
  }

  /** The faults are gone: nothing holds the object any more. */
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
      // Deleted meanwhile: the reflector tells.
      if (isNotFound(error)) return;
      throw error;
    }
    this.#reported.set(uid, text);
    this.#lease.renew();
  }

  /** A change of phase is told at once, counters now and then. */
  #heed({ id, phase }: Status): void {
    const key = this.#keys.get(uidOf(id));
    if (key === undefined) return;
    if (this.#phases.get(id) === phase) this.#queue.addAfter(key, this.#options.reportMs);
    else this.#queue.add(key);
    this.#phases.set(id, phase);
  }

  /** The lease is judged whether the server answers or not; one request at a time. */
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
      // What it has the right to, and lives by.
      await client.pages(injections, { fieldSelector: this.#fieldSelector }).next();
      this.#lease.renew();
    } catch (error) {
      onError(error);
    }
  }

  /** Takes back what the journal of a former agent holds and no Injection asks for. */
  async #forgetUnwanted(): Promise<void> {
    const wanted = new Set([...this.#reflector.objects()].map(({ metadata }) => metadata.uid));
    const { supervisor, onError } = this.#options;
    const unwanted = supervisor.list().filter((held) => this.#mustGo(held) || !wanted.has(uidOf(held.id)));
    await Promise.all(unwanted.map(({ id }) => this.#remove(id).catch(onError)));
  }

  /** Nothing is under faults on a node that is cut off. What has ended stays, or it would begin again afterwards. */
  #mustGo({ phase }: Status): boolean {
    return this.#cutOff && phase !== 'ended';
  }

  async #remove(id: string): Promise<void> {
    const status = await this.#options.supervisor.remove(id);
    this.#phases.delete(id);
    for (const what of status?.left ?? []) {
      this.#options.onError(new OrdealError('ORD-804', `${id}: not taken back: ${what}`));
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
