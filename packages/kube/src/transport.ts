import * as http from 'node:http';
import * as https from 'node:https';
import { OrdealError } from '@ordeal/diagnostics';
import type { ClusterAccess } from './access/cluster-access.js';

/** A connection without a byte for this long is dead; watches get bookmarks about once a minute. */
const IDLE_MS = 120_000;
const USER_AGENT = 'ordeal';

/** One HTTP request to the API server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  /** `application/json` when not given. */
  readonly contentType?: string;
  /** A response that takes minutes, such as a watch: it must not use up the connections that other requests need. */
  readonly lasting?: true;
  readonly signal?: AbortSignal | undefined;
}

/** Speaks HTTP with one API server, over kept-alive connections. */
export class Transport {
  readonly #access: ClusterAccess;
  readonly #agent: http.Agent;
  readonly #lasting: http.Agent;
  readonly #headers: { readonly [name: string]: string };

  /** @param headers sent with each request, for example `Impersonate-User` */
  constructor(access: ClusterAccess, headers: { readonly [name: string]: string } = {}) {
    this.#access = access;
    this.#headers = headers;
    const { Agent } = access.server.protocol === 'http:' ? http : https;
    this.#agent = new Agent({ keepAlive: true, maxSockets: 64 });
    this.#lasting = new Agent({ keepAlive: true });
  }

  /** The namespace of the access. */
  get namespace(): string {
    return this.#access.namespace ?? 'default';
  }

  /**
   * The response as soon as its header is there; the caller reads its body to the end or destroys it.
   *
   * @throws OrdealError ORD-802 if the server cannot be reached; the signal's reason if it was aborted
   */
  async send(request: HttpRequest): Promise<http.IncomingMessage> {
    const { server, socketPath } = this.#access;
    const authorization = await this.#access.authorization();
    const tls = await this.#access.tls();
    request.signal?.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const headers: http.OutgoingHttpHeaders = {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      ...this.#headers,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      'content-length': body?.length ?? 0,
    };
    const options: https.RequestOptions = {
      ...tls,
      // It reuses a connection only if it was made with the same certificates.
      agent: request.lasting ? this.#lasting : this.#agent,
      method: request.method,
      path: server.pathname.replace(/\/$/, '') + request.path,
      headers,
      timeout: IDLE_MS,
      ...(socketPath === undefined
        ? { host: server.hostname.replace(/^\[|\]$/g, ''), port: server.port }
        : { socketPath }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    };
    const start = server.protocol === 'http:' ? http.request : https.request;
    return new Promise((resolve, reject) => {
      const outgoing = start(options, resolve);
      outgoing.on('timeout', () =>
        outgoing.destroy(new Error(`nothing was received for ${IDLE_MS / 1000} s`)),
      );
      outgoing.on('error', (cause) => {
        if (request.signal?.aborted) reject(request.signal.reason);
        else
          reject(new OrdealError('ORD-802', `${socketPath ?? server.origin}: ${cause.message}`, { cause }));
      });
      outgoing.end(body);
    });
  }

  /** Closes connections that are not in use, and those in use once they are free. */
  close(): void {
    this.#agent.destroy();
    this.#lasting.destroy();
    this.#access.close();
  }
}
