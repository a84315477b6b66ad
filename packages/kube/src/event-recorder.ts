import { randomBytes } from 'node:crypto';
import { isNotFound } from './api-error.js';
import type { KubeClient } from './client.js';
import type { KubeObject, Resource } from './resource.js';
import { timestamp } from './timestamp.js';

/** A repeated event within this time increments the count of the first one. */
const SERIES_MS = 10 * 60_000;
/** Events that are kept for counting. */
const REMEMBERED = 1000;

/** An event about an object, as `kubectl describe` shows it. */
export interface EventObject extends KubeObject {
  readonly involvedObject: {
    readonly apiVersion?: string | undefined;
    readonly kind?: string | undefined;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string };
}

export const events: Resource<EventObject> = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

interface Remembered {
  readonly name: string;
  readonly since: number;
  count: number;
}

/** Writes events for `kubectl describe`. Repeated events are counted, not written again. */
export class EventRecorder {
  readonly #client: KubeClient;
  readonly #component: string;
  readonly #onError: (error: unknown) => void;
  readonly #remembered = new Map<string, Remembered>();

  /** @param onError called when an event could not be written, which is otherwise ignored */
  constructor(client: KubeClient, component: string, onError: (error: unknown) => void) {
    this.#client = client;
    this.#component = component;
    this.#onError = onError;
  }

  /** Writes an event about an object of the API. Never throws. */
  async record(
    about: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): Promise<void> {
    try {
      const { uid, namespace = 'default' } = about.metadata;
      const key = [uid, type, reason, message].join('\n');
      if (!(await this.#countUp(key, namespace))) await this.#write(key, about, type, reason, message);
    } catch (error) {
      this.#onError(error);
    }
  }

  async #countUp(key: string, namespace: string): Promise<boolean> {
    const known = this.#remembered.get(key);
    if (known === undefined || performance.now() - known.since > SERIES_MS) return false;
    known.count++;
    try {
      const patch = { count: known.count, lastTimestamp: timestamp() };
      await this.#client.patch(events, { namespace, name: known.name }, patch);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #write(
    key: string,
    about: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): Promise<void> {
    const { apiVersion, kind, metadata } = about;
    const { namespace = 'default', name, uid, resourceVersion } = metadata;
    const now = timestamp();
    const event = await this.#client.create(events, {
      metadata: { namespace, name: `${name}.${randomBytes(8).toString('hex')}` },
      involvedObject: { apiVersion, kind, namespace, name, uid, resourceVersion },
      type,
      reason,
      message: message.slice(0, 1024),
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component: this.#component },
    });
    this.#remembered.delete(key);
    this.#remembered.set(key, { name: event.metadata.name, since: performance.now(), count: 1 });
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
  }
}
