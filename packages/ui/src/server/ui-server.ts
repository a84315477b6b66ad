import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OrdealError } from '@ordeal/diagnostics';
import { CHANGES, TARGET_KINDS } from '../shown-run.js';
import { newToken, refusalOf } from './admission.js';
import { oneOf, textsOf } from './body.js';
import type { Host, Starting } from './host.js';
import { LiveRuns } from './live-runs.js';
import { livePage, type Page } from './page.js';

/** In every answer. */
const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

type Answer = (request: IncomingMessage) => Promise<unknown>;

/** Serves the page of this host to whoever has the token, on the loopback interface alone. */
export class UiServer {
  readonly #host: Host;
  readonly #server: Server;
  readonly #token = newToken();
  readonly #page: Page;
  readonly #runs: LiveRuns;
  readonly #answers: Readonly<Record<string, Answer>>;

  /** @param port 0 = one that is free. @throws OrdealError ORD-870 where nothing can listen there */
  static async listen(host: Host, port = 0): Promise<UiServer> {
    const ui = new UiServer(host);
    try {
      ui.#server.listen(port, '127.0.0.1');
      await once(ui.#server, 'listening');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new OrdealError('ORD-870', `127.0.0.1:${port} cannot be listened on: ${code}`, { cause });
    }
    return ui;
  }

  private constructor(host: Host) {
    this.#host = host;
    this.#runs = new LiveRuns(host);
    this.#page = livePage(host.name, host.starting !== undefined);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#answers = this.#routes();
  }

  /** `http://127.0.0.1:4211` */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The address to open; whoever knows it may do all that the page does. */
  get url(): string {
    return `${this.origin}/?token=${this.#token}`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #routes(): Readonly<Record<string, Answer>> {
    const { starting } = this.#host;
    return {
      ...(starting && this.#startRoutes(starting)),
      'POST /api/change': async (request) => {
        const { change, name } = await textsOf(request, ['change', 'name']);
        await this.#host.change(oneOf(change, CHANGES), name);
        await this.#runs.look();
        return {};
      },
    };
  }

  #startRoutes({ templates, check, plan, start }: Starting): Readonly<Record<string, Answer>> {
    const wanted = async (request: IncomingMessage) => {
      const { document, kind, target } = await textsOf(request, ['document', 'kind', 'target']);
      return { document, target, kind: oneOf(kind, TARGET_KINDS) };
    };
    return {
      'GET /api/templates': async () => templates,
      'POST /api/check': async (request) => check((await textsOf(request, ['document'])).document),
      'POST /api/plan': async (request) => ({ text: await plan(await wanted(request)) }),
      'POST /api/start': async (request) => {
        const name = await start(await wanted(request));
        await this.#runs.look();
        return { name };
      },
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '/', this.origin);
    const refused = refusalOf(
      {
        host: headers.host,
        origin: headers.origin,
        site: headers['sec-fetch-site']?.toString(),
        token: /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? url.searchParams.get('token') ?? '',
      },
      this.origin,
      this.#token,
    );
    if (refused) return send(response, refused.status, 'text/plain', `${refused.why}\n`);
    const route = `${method} ${url.pathname}`;
    try {
      if (route === 'GET /') {
        response.setHeader('content-security-policy', this.#page.policy);
        return send(response, 200, 'text/html', this.#page.text);
      }
      if (route === 'GET /api/events') return this.#stream(response);
      if (route === 'GET /api/report') return await this.#report(url, response);
      const answer = Object.hasOwn(this.#answers, route) ? this.#answers[route] : undefined;
      if (!answer) return send(response, 404, 'text/plain', 'there is no such page\n');
      send(response, 200, 'application/json', JSON.stringify(await answer(request)));
    } catch (error) {
      const text = this.#host.errorText(error);
      send(
        response,
        error instanceof OrdealError ? 400 : 500,
        'application/json',
        JSON.stringify({ error: text }),
      );
    }
  }

  /** Server-sent events: the runs, until the page is closed. */
  #stream(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    const end = this.#runs.follow((snapshot) => {
      // A page that does not read gets the next one.
      if (!response.writableNeedDrain) response.write(`data: ${JSON.stringify(snapshot)}\n\n`);
    });
    response.on('close', end);
  }

  async #report(url: URL, response: ServerResponse): Promise<void> {
    const name = url.searchParams.get('name') ?? '';
    const page = await this.#host.report(name);
    const file = name.replaceAll(/[^\w.-]/g, '_');
    response.setHeader('content-disposition', `attachment; filename="${file}.html"`);
    response.setHeader('content-security-policy', "sandbox; default-src 'none'");
    send(response, 200, 'text/html', page);
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': `${type}; charset=utf-8` });
  response.end(text);
}
