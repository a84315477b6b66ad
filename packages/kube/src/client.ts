import type { IncomingMessage } from 'node:http';
import { OrdealError } from '@ordeal/diagnostics';
import { ApiError, type ApiStatus, isNotFound } from './api-error.js';
import { jsonLines } from './json-lines.js';
import {
  apiVersionOf,
  collectionPath,
  type Draft,
  type KubeObject,
  type ObjectRef,
  objectPath,
  type Resource,
  refOf,
} from './resource.js';
import type { HttpRequest, Transport } from './transport.js';

/** Objects per request; more would need much memory in the server and here. */
const PAGE = 500;

/** Which objects of a collection. Selectors are evaluated by the server. */
export interface ListOptions {
  /** All namespaces when not given. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal?: AbortSignal | undefined;
}

/** One answer to a list request. */
export interface Page<T> {
  readonly items: readonly T[];
  /** The state of the collection that the items belong to. */
  readonly resourceVersion: string;
}

export interface WatchOptions extends ListOptions {
  /** Changes after this version are reported. */
  readonly resourceVersion: string;
  /** When the server ends the watch, in seconds. */
  readonly timeoutSeconds: number;
}

/** One change. A bookmark only carries a resource version. */
export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface WriteOptions {
  /** `status`, for example: writes that part only. */
  readonly subresource?: string;
}

export interface ApplyOptions extends WriteOptions {
  /** The owner of the written fields. */
  readonly fieldManager: string;
  /** Takes over fields that others own. */
  readonly force?: boolean;
}

/** Options of a deletion. */
export interface DeleteOptions {
  /** Only this very object, not a later one of the same name. */
  readonly uid?: string;
}

/**
 * A client of one API server. Methods throw `ApiError` if the server refuses and ORD-802 if it cannot be reached;
 * none retries.
 */
export class KubeClient {
  readonly #transport: Transport;

  /** @param transport is closed with the client */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The namespace of the kubeconfig's context, else `default`. */
  get namespace(): string {
    return this.#transport.namespace;
  }

  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T> {
    return this.#json({ method: 'GET', path: objectPath(resource, ref) });
  }

  /** Undefined if there is no such object. */
  async find<T extends KubeObject>(resource: Resource<T>, ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.get(resource, ref);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** All objects, page by page; from one state of the collection. */
  async *list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): AsyncGenerator<T> {
    for await (const { items } of this.pages(resource, options)) yield* items;
  }

  /** @throws ApiError 410 if the list took so long that its later pages expired */
  async *pages<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): AsyncGenerator<Page<T>> {
    interface List {
      readonly items?: readonly T[] | null;
      readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
    }
    let next: string | undefined;
    do {
      const query = { ...selectors(options), limit: String(PAGE), continue: next };
      const path = collectionPath(resource, options.namespace) + queryOf(query);
      const list: List = await this.#json({ method: 'GET', path, signal: options.signal });
      yield { items: list.items ?? [], resourceVersion: list.metadata.resourceVersion ?? '' };
      next = list.metadata.continue;
    } while (next);
  }

  /** Changes as they happen, until the server ends the watch. @throws ApiError 410 if the version is too old */
  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const query = {
      ...selectors(options),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: String(options.timeoutSeconds),
    };
    const path = collectionPath(resource, options.namespace) + queryOf(query);
    const response = await this.#send({ method: 'GET', path, signal: options.signal, lasting: true });
    try {
      for await (const line of jsonLines<WatchEvent<T> | { type: 'ERROR'; object: ApiStatus }>(response)) {
        if (line.type === 'ERROR') throw new ApiError(`WATCH ${path}`, line.object.code ?? 500, line.object);
        yield line;
      }
    } catch (error) {
      throw options.signal?.aborted ? options.signal.reason : lost(error);
    } finally {
      response.destroy();
    }
  }

  create<T extends KubeObject>(resource: Resource<T>, draft: Draft<T>): Promise<T> {
    const path = collectionPath(resource, draft.metadata.namespace);
    return this.#json({ method: 'POST', path, body: typed(resource, draft) });
  }

  /** Posts to a subresource that is a verb, such as `token` or `eviction`. */
  createSubresource<T>(resource: Resource, ref: ObjectRef, subresource: string, body: object): Promise<T> {
    return this.#json({ method: 'POST', path: objectPath(resource, ref, subresource), body });
  }

  /** Server-side apply: creates the object, or sets the fields of `draft`. */
  apply<T extends KubeObject>(
    resource: Resource<T>,
    draft: Draft<T>,
    { fieldManager, force = false, subresource }: ApplyOptions,
  ): Promise<T> {
    const query = queryOf({ fieldManager, force: String(force) });
    return this.#json({
      method: 'PATCH',
      path: objectPath(resource, refOf(draft), subresource) + query,
      body: typed(resource, draft),
      contentType: 'application/apply-patch+yaml',
    });
  }

  /**
   * JSON merge patch (RFC 7386): `null` removes a field, lists are replaced whole. With `metadata.resourceVersion` in
   * it the patch is refused (`Conflict`) if the object has changed since.
   */
  patch<T extends KubeObject>(
    resource: Resource<T>,
    ref: ObjectRef,
    patch: object,
    { subresource }: WriteOptions = {},
  ): Promise<T> {
    return this.#json({
      method: 'PATCH',
      path: objectPath(resource, ref, subresource),
      body: patch,
      contentType: 'application/merge-patch+json',
    });
  }

  /** Deletes the object; with finalizers it stays until they are removed. Does nothing if it does not exist. */
  async delete(resource: Resource, ref: ObjectRef, { uid }: DeleteOptions = {}): Promise<void> {
    const body = uid === undefined ? undefined : { preconditions: { uid } };
    try {
      await this.#json({ method: 'DELETE', path: objectPath(resource, ref), body });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Deletes all objects of a namespace that match the selectors, with one request. */
  async deleteAll(resource: Resource, options: ListOptions & { readonly namespace: string }): Promise<void> {
    const path = collectionPath(resource, options.namespace) + queryOf(selectors(options));
    await this.#json({ method: 'DELETE', path });
  }

  close(): void {
    this.#transport.close();
  }

  async #json<R>(request: HttpRequest): Promise<R> {
    const response = await this.#send(request);
    const text = await textOf(response);
    try {
      return JSON.parse(text);
    } catch (cause) {
      // A login page of a proxy, for example.
      const what = `${request.method} ${request.path}: the answer is not JSON: ${text.trim().slice(0, 80)}`;
      throw new OrdealError('ORD-802', what, { cause });
    }
  }

  /** A response that is a success. */
  async #send(request: HttpRequest): Promise<IncomingMessage> {
    const response = await this.#transport.send(request);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    const text = await textOf(response);
    throw new ApiError(`${request.method} ${request.path}`, statusCode, statusOf(text));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch (error) {
    throw lost(error);
  }
  return Buffer.concat(chunks).toString();
}

/** The connection broke within a response. */
function lost(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof OrdealError || error instanceof SyntaxError) return error;
  return new OrdealError('ORD-802', `the connection broke: ${error.message}`, { cause: error });
}

/** Proxies and authentication layers answer in plain text. */
function statusOf(text: string): ApiStatus {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim() };
  }
}

function typed(resource: Resource, draft: object): object {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, ...draft };
}

function selectors({ labelSelector, fieldSelector }: ListOptions) {
  return { labelSelector, fieldSelector };
}

function queryOf(parts: { readonly [name: string]: string | undefined }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value) query.set(name, value);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
