import { codes, OrdealError, wrapText } from '@ordeal/diagnostics';
import { EXIT } from '../exit-code.js';
import type { Channel } from '../output/output.js';
import type { Paint } from '../output/paint.js';

/** An error: one sentence, details, one next step, and a stable code. */
export function renderError(
  error: unknown,
  { paint, wrapAt }: Pick<Channel, 'paint' | 'wrapAt'>,
  withStack: boolean,
): string {
  const text = error instanceof OrdealError ? renderFailure(error, paint) : renderDefect(error, paint);
  const stack = withStack ? `${paint('aside', stackOf(error))}\n` : '';
  return wrapText(text, wrapAt) + stack;
}

function renderFailure(error: OrdealError, paint: Paint): string {
  const lines = [
    `ordeal: ${paint('failed', error.message)}  [${error.code}]`,
    ...error.detail.map((line) => `  ${line}`),
    `  ${error.hint ?? codes[error.code].wayOut}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The same for programs. */
export function errorAsData(error: unknown): { readonly [key: string]: unknown } {
  if (!(error instanceof OrdealError))
    return { type: 'error', code: 'ORD-999', message: messageOf(error), detail: [] };
  const { code, message, hint, detail } = error;
  return { type: 'error', code, message, next: hint ?? codes[code].wayOut, detail };
}

function renderDefect(error: unknown, paint: Paint): string {
  const head = `ordeal: ${paint('failed', `a defect in Ordeal: ${messageOf(error)}`)}  [ORD-999]`;
  return `${head}\n  ${codes['ORD-999'].wayOut}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** The exit code of `ordeal` after an error. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof OrdealError)) return EXIT.failed;
  if (error.code === 'ORD-901' || error.code === 'ORD-309') return EXIT.usage;
  return error.code === 'ORD-612' ? EXIT.interrupted : EXIT.failed;
}
