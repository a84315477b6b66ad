import type { IncomingMessage } from 'node:http';
import { OrdealError } from '@ordeal/diagnostics';

/** Bytes of a request: a document has at most a quarter of a million characters. */
const MOST = 2 * 1024 * 1024;

/** The texts of a request's JSON object, by these names. @throws OrdealError ORD-871 where one is missing */
export async function textsOf<K extends string>(
  request: IncomingMessage,
  names: readonly K[],
): Promise<Readonly<Record<K, string>>> {
  const value = parsed(await readBody(request));
  for (const name of names) {
    if (typeof value[name] !== 'string')
      throw new OrdealError('ORD-871', `The request needs '${name}', a text`);
  }
  return value as Record<K, string>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST) throw new OrdealError('ORD-871', `The request has more than ${MOST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new OrdealError('ORD-871', 'The request is no JSON object');
}

/** One of some texts. @throws OrdealError ORD-871 */
export function oneOf<K extends string>(text: string, choices: readonly K[]): K {
  const found = choices.find((choice) => choice === text);
  if (found) return found;
  throw new OrdealError('ORD-871', `'${text.slice(0, 40)}' is not one of ${choices.join(', ')}`);
}
