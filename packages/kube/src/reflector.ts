import { setTimeout as delay } from 'node:timers/promises';
import { isExpired } from './api-error.js';
import { type BackOffLimits, backOff } from './back-off.js';
import type { KubeClient, ListOptions } from './client.js';
import type { KubeObject, Resource } from './resource.js';

/** Watches end after a random time of 5 to 10 minutes. */
const SHORTEST_WATCH_S = 300;
/** A watch that lasted fewer milliseconds is followed by a pause. */
const SHORTEST_PAUSE = 1_000;
const BACK_OFF: BackOffLimits = { firstMs: 500, longestMs: 30_000 };

export interface ReflectorOptions<T extends KubeObject> extends Omit<ListOptions, 'signal'> {
  /** Called for each object that was added, changed or deleted. */
  readonly onChange: (object: T, previous: T | undefined, gone: boolean) => void;
  /** Called when a request failed; the reflector retries. */
  readonly onError: (error: unknown) => void;
  readonly backOff?: BackOffLimits;
}

/**
 * Keeps a copy of a collection: lists it page by page, then follows its changes. Broken connections are resumed where
 * they ended; if the server has dropped that version, the collection is listed again and compared.
 */
export class Reflector<T extends KubeObject> {
  readonly #client: KubeClient;
  readonly #resource: Resource<T>;
  readonly #options: ReflectorOptions<T>;
  readonly #objects = new Map<string, T>();
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;
  #announce: () => void = () => {};
  /** Resolves once the copy is complete for the first time. */
  readonly synced: Promise<void>;

  constructor(client: KubeClient, resource: Resource<T>, options: ReflectorOptions<T>) {
    this.#client = client;
    this.#resource = resource;
    this.#options = options;
    this.synced = new Promise((resolve) => {
      this.#announce = resolve;
    });
    this.#loop = this.#run();
  }

  /** The objects as last seen. */
  objects(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** The object of this name as last seen. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(keyOf({ namespace, name }));
  }

  /** Ends the watch; no callback runs afterwards. Idempotent. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let version: string | undefined;
    for (let failures = 0; !signal.aborted; ) {
      try {
        version ??= await this.#list();
        const begun = performance.now();
        for await (const seen of this.#watch(version)) {
          version = seen;
          failures = 0;
        }
        if (performance.now() - begun >= SHORTEST_PAUSE) continue;
        // A server, or a proxy before it, that ends each watch at once must not be polled without a pause.
        failures++;
        await delay(backOff(failures, this.#options.backOff ?? BACK_OFF), undefined, { signal }).catch(
          () => {},
        );
      } catch (error) {
        if (signal.aborted) return;
        // A dropped version is not a failure: the list that follows has the current state.
        if (isExpired(error)) version = undefined;
        else this.#options.onError(error);
        failures++;
        const wait = backOff(failures, this.#options.backOff ?? BACK_OFF);
        await delay(wait, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Brings the copy up to date; returns its version. */
  async #list(): Promise<string> {
    const { onChange } = this.#options;
    const before = new Set(this.#objects.keys());
    let version = '';
    for await (const page of this.#client.pages(this.#resource, this.#selection())) {
      version = page.resourceVersion;
      for (const object of page.items) {
        const key = keyOf(object.metadata);
        before.delete(key);
        const previous = this.#objects.get(key);
        if (previous?.metadata.resourceVersion === object.metadata.resourceVersion) continue;
        this.#objects.set(key, object);
        onChange(object, previous, false);
      }
    }
    for (const key of before) {
      const previous = this.#objects.get(key);
      this.#objects.delete(key);
      if (previous !== undefined) onChange(previous, previous, true);
    }
    this.#announce();
    return version;
  }

  /** Follows the changes after a version; yields each version that the copy has reached. */
  async *#watch(resourceVersion: string): AsyncGenerator<string> {
    const { onChange } = this.#options;
    const timeoutSeconds = Math.round(SHORTEST_WATCH_S * (1 + Math.random()));
    const watch = this.#client.watch(this.#resource, {
      ...this.#selection(),
      resourceVersion,
      timeoutSeconds,
    });
    for await (const { type, object } of watch) {
      const key = keyOf(object.metadata);
      const previous = this.#objects.get(key);
      if (type === 'DELETED') {
        this.#objects.delete(key);
        onChange(object, previous, true);
      } else if (type !== 'BOOKMARK') {
        this.#objects.set(key, object);
        onChange(object, previous, false);
      }
      yield object.metadata.resourceVersion;
    }
  }

  #selection(): ListOptions {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return {
      namespace,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      signal: this.#stop.signal,
    };
  }
}

function keyOf({ namespace = '', name }: { namespace?: string | undefined; name: string }): string {
  return `${namespace}/${name}`;
}
