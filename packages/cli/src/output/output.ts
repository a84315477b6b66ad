import { inColour, type Paint, plain } from './paint.js';

/** One of the two streams that a person or a program reads. */
export interface Channel {
  /** Writes as it is; what it writes ends with a newline unless it is a live line. */
  write(text: string | Uint8Array): void;
  /** Someone watches: lines may be rewritten in place. */
  readonly live: boolean;
  readonly columns: number;
  /** Where sentences are wrapped: at the terminal's width; Infinity where nobody watches. */
  readonly wrapAt: number;
  readonly paint: Paint;
}

/** Where a command of the CLI writes to. */
export interface Output {
  /** What was asked for. */
  readonly out: Channel;
  /** What is said about it: problems, progress, and everything of `run` when a command owns the standard output. */
  readonly err: Channel;
}

/** As much of a stream of `process` as is needed. */
export interface Stream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Width that is assumed where the terminal does not tell. */
const DEFAULT_COLUMNS = 100;

/**
 * The output policy: colour and rewriting on terminals only, no colour with a non-empty NO_COLOR (no-color.org) or on a
 * dumb terminal. ORDEAL_TERMINAL carries the width of the terminal behind the pipes of a lab VM.
 */
export function outputFor(
  streams: { readonly stdout: Stream; readonly stderr: Stream },
  environment: NodeJS.ProcessEnv,
): Output {
  return {
    out: channel(streams.stdout, environment, false),
    err: channel(streams.stderr, environment, true),
  };
}

function channel(stream: Stream, environment: NodeJS.ProcessEnv, relayed: boolean): Channel {
  const relayedColumns = relayed ? Number(environment.ORDEAL_TERMINAL) || undefined : undefined;
  const terminal = (stream.isTTY === true || relayedColumns !== undefined) && environment.TERM !== 'dumb';
  const columns = stream.columns ?? relayedColumns ?? DEFAULT_COLUMNS;
  return {
    write: (text) => void stream.write(text),
    live: terminal,
    columns,
    wrapAt: terminal ? columns : Number.POSITIVE_INFINITY,
    paint: terminal && !environment.NO_COLOR ? inColour : plain,
  };
}
