import { inColour, type Paint, plain } from './paint.js';

/** Standard output or standard error. */
export interface Channel {
  /** Writes a text unchanged; it ends with a newline unless it is a live line. */
  write(text: string | Uint8Array): void;
  /** It is a terminal: lines may be rewritten in place. */
  readonly live: boolean;
  readonly columns: number;
  /** The column at which sentences are wrapped: the terminal's width; Infinity elsewhere. */
  readonly wrapAt: number;
  readonly paint: Paint;
}

/** The output of a command. */
export interface Output {
  /** Results. */
  readonly out: Channel;
  /** Problems, progress, and all output of `run` when its command uses the standard output. */
  readonly err: Channel;
}

/** The part of `process.stdout` that is needed. */
export interface Stream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The width that is assumed if the terminal does not report it. */
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
  // A terminal that does not know its width says 0.
  const columns = stream.columns || relayedColumns || DEFAULT_COLUMNS;
  return {
    write: (text) => void stream.write(text),
    live: terminal,
    columns,
    wrapAt: terminal ? columns : Number.POSITIVE_INFINITY,
    paint: terminal && !environment.NO_COLOR ? inColour : plain,
  };
}
