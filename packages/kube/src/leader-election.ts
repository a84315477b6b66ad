import { setTimeout as delay } from 'node:timers/promises';
import { isAlreadyExists, isConflict } from './api-error.js';
import type { KubeClient } from './client.js';
import type { KubeObject, ObjectRef, Resource } from './resource.js';

export interface LeaseObject extends KubeObject {
  readonly spec: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number;
  };
}

export const leases: Resource<LeaseObject> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

export interface LeadershipOptions {
  readonly lease: ObjectRef;
  /** The identity: different for each process. */
  readonly identity: string;
  /** Time without a renewal after which another may take over. */
  readonly leaseSeconds?: number;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits until this process is the leader, does its work, and releases the lease when the work or `signal` ends. The
 * signal of the work is aborted when the lease could not be renewed in time: well before another process may lead.
 * Clocks of different machines are never compared: a lease has expired when no change was seen for its whole duration.
 */
export async function withLeadership(
  client: KubeClient,
  options: LeadershipOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const leadership = new Leadership(client, options);
  if (!(await leadership.acquire())) return;
  const lost = new AbortController();
  const stop = AbortSignal.any([lost.signal, options.signal]);
  const done = new AbortController();
  const renewing = leadership.renew(AbortSignal.any([done.signal, options.signal])).then((kept) => {
    if (!kept) lost.abort(new Error('the lease was lost'));
  });
  try {
    await work(stop);
  } finally {
    done.abort();
    await renewing;
    if (!lost.signal.aborted) await leadership.release();
  }
}

class Leadership {
  readonly #client: KubeClient;
  readonly #options: Required<LeadershipOptions>;
  /** The lease at its last change, and when that was seen here. */
  #seen: { readonly version: string; readonly at: number } | undefined;

  constructor(client: KubeClient, options: LeadershipOptions) {
    this.#client = client;
    this.#options = { leaseSeconds: 15, ...options };
  }

  /** False if the signal came first. */
  async acquire(): Promise<boolean> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      if (await this.#attempt()) return true;
      await this.#pause(signal);
    }
    return false;
  }

  /** False once the lease could not be renewed for two thirds of its duration; true if the signal came first. */
  async renew(signal: AbortSignal): Promise<boolean> {
    let renewed = performance.now();
    for (;;) {
      await this.#pause(signal);
      if (signal.aborted) return true;
      if (await this.#attempt()) renewed = performance.now();
      else if (performance.now() - renewed > (this.#options.leaseSeconds * 1000 * 2) / 3) return false;
    }
  }

  async release(): Promise<void> {
    const { lease, identity, onError } = this.#options;
    try {
      const current = await this.#client.find(leases, lease);
      if (current?.spec.holderIdentity !== identity) return;
      const { resourceVersion } = current.metadata;
      await this.#client.patch(leases, lease, {
        metadata: { resourceVersion },
        spec: { holderIdentity: null },
      });
    } catch (error) {
      onError(error);
    }
  }

  /** Takes or renews the lease; returns whether we hold it now. */
  async #attempt(): Promise<boolean> {
    const { lease, identity, leaseSeconds, onError } = this.#options;
    try {
      const current = await this.#client.find(leases, lease);
      const renewTime = new Date().toISOString().replace('Z', '000Z');
      const ours = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, renewTime };
      if (current === undefined) {
        await this.#client.create(leases, { metadata: lease, spec: { ...ours, acquireTime: renewTime } });
        return true;
      }
      const held = current.spec.holderIdentity === identity;
      if (!held && !this.#isOver(current)) return false;
      const { leaseTransitions = 0 } = current.spec;
      const taken = held ? {} : { acquireTime: renewTime, leaseTransitions: leaseTransitions + 1 };
      const { resourceVersion } = current.metadata;
      await this.#client.patch(leases, lease, { metadata: { resourceVersion }, spec: { ...ours, ...taken } });
      return true;
    } catch (error) {
      if (!isConflict(error) && !isAlreadyExists(error)) onError(error);
      return false;
    }
  }

  #isOver({ metadata, spec }: LeaseObject): boolean {
    if (!spec.holderIdentity) return true;
    const now = performance.now();
    if (this.#seen?.version !== metadata.resourceVersion) {
      this.#seen = { version: metadata.resourceVersion, at: now };
    }
    return now - this.#seen.at > (spec.leaseDurationSeconds ?? this.#options.leaseSeconds) * 1000;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const milliseconds = (this.#options.leaseSeconds * 1000) / 7.5;
    await delay(milliseconds, undefined, { signal }).catch(() => {});
  }
}
