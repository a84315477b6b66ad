import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import test from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import type { Host } from './host.js';
import { UiServer } from './ui-server.js';

/** A host whose runs are these. */
const host: Host = {
  name: 'db-1',
  starting: {
    templates: [{ name: 'slow', title: 'Slow', description: '', document: 'kind: IOChaos\n' }],
    check: async (document) => ({ ok: document !== '', text: 'no problems' }),
    plan: async () => {
      throw new OrdealError('ORD-302', 'There is no such process');
    },
    start: async () => 'slow',
  },
  change: async () => undefined,
  report: async (name) => `<h1>${name}</h1>`,
  runs: async () => [],
  errorText: (error) => (error instanceof Error ? error.message : String(error)),
};

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function serving(body: (ui: UiServer, token: string) => Promise<void>): Promise<void> {
  const ui = await UiServer.listen(host);
  try {
    await body(ui, new URL(ui.url).searchParams.get('token') ?? '');
  } finally {
    await ui.close();
  }
}

async function ask(ui: UiServer, path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const sent = request(`${ui.origin}${path}`, { method, headers, agent: false });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (answer.headers['content-type'] === 'text/event-stream') break;
  }
  return { status: answer.statusCode, headers: answer.headers, text };
}

test('without the token, or for another host or page, nothing is answered', () =>
  serving(async (ui, token) => {
    const authorization = `Bearer ${token}`;
    for (const path of ['/', '/api/templates', '/api/events', '/api/report?name=slow', '/nothing']) {
      assert.equal((await ask(ui, path)).status, 401, path);
      const status = async (headers: Readonly<Record<string, string>>) =>
        (await ask(ui, path, { headers: { authorization, ...headers } })).status;
      assert.equal(await status({ host: 'evil.example' }), 421, path);
      assert.equal(await status({ origin: 'http://evil.example' }), 403, path);
      assert.equal(await status({ 'sec-fetch-site': 'cross-site' }), 403, path);
    }
  }));

test('it listens on the loopback address alone', () =>
  serving(async (ui) => {
    const socket = connect(Number(new URL(ui.origin).port), '127.0.0.2');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNREFUSED');
  }));

test('the page may load nothing, and run nothing but its own script', () =>
  serving(async (ui, token) => {
    const { status, headers, text } = await ask(ui, `/?token=${token}`);
    assert.equal(status, 200);
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; script-src 'sha256-[\w+/]{43}='; style-src 'sha256-[\w+/]{43}='; connect-src 'self'; /,
    );
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cache-control'], 'no-store');
    assert.match(text, /<h1>Ordeal on db-1<\/h1>/);
    assert.ok(!text.includes(token));
  }));

test('questions are answered, and what is wrong with them is said', () =>
  serving(async (ui, token) => {
    const headers = { authorization: `Bearer ${token}`, origin: ui.origin };
    const post = (path: string, body: string) => ask(ui, path, { method: 'POST', headers, body });
    assert.match((await ask(ui, '/api/templates', { headers })).text, /^\[{"name":"slow"/);
    assert.equal((await post('/api/check', '{"document":"a"}')).text, '{"ok":true,"text":"no problems"}');
    assert.deepEqual((await post('/api/change', '{"change":"stop","name":"slow"}')).status, 200);
    const wrong = [
      ['/api/check', '{"document":1}', /needs 'document', a text/],
      ['/api/check', 'x', /no JSON object/],
      ['/api/change', '{"change":"toString","name":"a"}', /'toString' is not one of pause, resume, stop/],
      ['/api/plan', '{"document":"","kind":"pid","target":"1"}', /There is no such process/],
    ] as const;
    for (const [path, body, says] of wrong) {
      const { status, text } = await post(path, body);
      assert.equal(status, 400);
      assert.match((JSON.parse(text) as { error: string }).error, says);
    }
    assert.equal((await post('/api/nothing', '{}')).status, 404);
    assert.equal((await ask(ui, '/api/constructor', { headers })).status, 404);
  }));

test('the runs are streamed, and a report is a file', () =>
  serving(async (ui, token) => {
    const events = await ask(ui, `/api/events?token=${token}`);
    assert.equal(events.text, 'data: {"runs":[],"error":""}\n\n');
    const { headers, text } = await ask(ui, `/api/report?name=a%22%0Ab&token=${token}`);
    assert.equal(headers['content-disposition'], 'attachment; filename="a__b.html"');
    assert.equal(text, '<h1>a"\nb</h1>');
  }));
