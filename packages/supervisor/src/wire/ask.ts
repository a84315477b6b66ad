import { OrdealError } from '@ordeal/diagnostics';
import type { RunNews } from '../runs/detached-runs.js';
import { connect } from './connect.js';
import { JsonLines } from './json-lines.js';
import {
  errorFromWire,
  type Hello,
  PROTOCOL,
  type Reply,
  type RequestName,
  type Requests,
} from './protocol.js';

/** Seconds within which a request must be answered; a watch lasts as long as its run. */
const LIMITS: { readonly [K in RequestName]: number } = {
  list: 30,
  histories: 30,
  log: 30,
  start: 120,
  pause: 120,
  resume: 120,
  stop: 600,
  watch: Number.POSITIVE_INFINITY,
};

/** How many supervisors may die during one request. */
const ATTEMPTS = 3;

export interface AskOptions {
  /** The run directory. */
  readonly directory: string;
  readonly onNews?: (news: RunNews) => void;
  /** Stops waiting for the answer; the request is still carried out. */
  readonly signal?: AbortSignal;
}

/**
 * Sends a request to the supervisor of this machine, which is started if there is none. If it dies before it has
 * answered, the next one takes over its runs and gets the request again: every request may be repeated.
 *
 * @returns the answer; undefined if aborted first
 * @throws OrdealError what it refuses; ORD-857 for another version, ORD-859 if it does not answer
 */
export async function ask<K extends RequestName>(
  request: K,
  takes: Requests[K]['takes'],
  options: AskOptions,
): Promise<Requests[K]['gives'] | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const onNews = (news: RunNews) => {
      // This one works.
      attempt = 0;
      options.onNews?.(news);
    };
    const reply = await askOnce(request, takes, { ...options, onNews });
    if (reply === 'gone') continue;
    if (reply === 'aborted') return undefined;
    if (reply.error) throw errorFromWire(reply.error);
    return reply.answer as Requests[K]['gives'];
  }
  throw new OrdealError('ORD-859', `The supervisor ended ${ATTEMPTS} times before it answered '${request}'`);
}

/** `gone`: it ended before it had answered. */
async function askOnce<K extends RequestName>(
  request: K,
  takes: Requests[K]['takes'],
  { directory, onNews, signal }: AskOptions,
): Promise<Reply | 'gone' | 'aborted'> {
  if (signal?.aborted) return 'aborted';
  const socket = await connect(directory);
  const lines = new JsonLines();
  const limit = LIMITS[request];
  let timer: NodeJS.Timeout | undefined;
  const abort = () => socket.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await new Promise((resolve, reject) => {
      let greeted = false;
      const late = () =>
        reject(new OrdealError('ORD-859', `The supervisor has not answered '${request}' within ${limit} s`));
      if (Number.isFinite(limit)) timer = setTimeout(late, limit * 1000);
      socket.setEncoding('utf8');
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(signal?.aborted ? 'aborted' : 'gone'));
      socket.on('data', (chunk: string) => {
        try {
          for (const line of lines.push(chunk)) {
            if (!greeted) {
              checkVersion(line as Partial<Hello>);
              greeted = true;
              socket.write(`${JSON.stringify({ id: 1, request, ...takes })}\n`);
              continue;
            }
            const reply = line as Reply;
            if (reply.news) onNews?.(reply.news);
            else resolve(reply);
          }
        } catch (error) {
          reject(error);
        }
      });
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    socket.destroy();
  }
}

/** @throws OrdealError ORD-857 */
function checkVersion({ protocol, pid }: Partial<Hello>): void {
  if (protocol === PROTOCOL) return;
  throw new OrdealError(
    'ORD-857',
    `The supervisor (process ${pid ?? '?'}) speaks protocol ${protocol ?? '?'}, this ordeal speaks ${PROTOCOL}`,
    {
      hint: `Use the ordeal that started it, or end it (kill ${pid ?? 'PID'}): the next command continues its runs.`,
    },
  );
}
