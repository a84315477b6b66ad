import { isAbsolute } from 'node:path';
import { inspect } from 'node:util';
import { type Code, OrdealError, ProblemsError } from '@ordeal/diagnostics';
import type { RunNews, Started } from '../runs/detached-runs.js';
import type { LogEvent } from '../runs/run-log.js';
import type { RunSpec } from '../runs/run-spec.js';
import type { RunStatus, RunWithHistory } from '../runs/run-status.js';

/**
 * The protocol of the supervisor's socket: one JSON object per line. The supervisor sends a {@link Hello} first. Then
 * a client sends requests, each with a unique id; answers carry the id, and come in any order.
 */
export const PROTOCOL = 3;

export interface Hello {
  readonly ordeal: 'supervisor';
  readonly protocol: number;
  readonly pid: number;
}

/** Every request with its parameters and its answer. */
export interface Requests {
  list: { readonly takes: object; readonly gives: readonly RunStatus[] };
  /** The same with the faults of each over time. */
  histories: { readonly takes: object; readonly gives: readonly RunWithHistory[] };
  start: { readonly takes: { readonly spec: RunSpec }; readonly gives: Started };
  pause: { readonly takes: Named; readonly gives: RunStatus };
  resume: { readonly takes: Named; readonly gives: RunStatus };
  stop: { readonly takes: Named; readonly gives: RunStatus };
  log: { readonly takes: Named; readonly gives: readonly LogEvent[] };
  /** Sends {@link RunNews} with the request's id until the run has ended, and then answers. */
  watch: { readonly takes: Named; readonly gives: RunStatus };
}

export interface Named {
  readonly name: string;
}

export type RequestName = keyof Requests;

export type Request = {
  [K in RequestName]: { readonly id: number; readonly request: K } & Requests[K]['takes'];
}[RequestName];

/** One of `answer`, `error` and `news` is there. The id is null if a line could not be parsed. */
export interface Reply {
  readonly id: number | null;
  readonly answer?: unknown;
  readonly error?: WireError;
  readonly news?: RunNews;
}

export interface WireError {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
  readonly detail: readonly string[];
}

export function errorToWire(error: unknown): WireError {
  if (!(error instanceof OrdealError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: 'ORD-999', message: `a defect in the supervisor: ${message}`, detail: [] };
  }
  const { code, message, hint } = error;
  const detail =
    error instanceof ProblemsError ? error.problems.map((problem) => problem.message) : error.detail;
  return { code, message, ...(hint !== undefined && { hint }), detail };
}

export function errorFromWire({ code, message, hint, detail }: WireError): OrdealError {
  return new OrdealError(code, message, { ...(hint !== undefined && { hint }), detail });
}

/**
 * Checks that a line is a request; does not check its parameters further.
 *
 * @throws OrdealError ORD-860
 */
export function requestOf(line: unknown): Request {
  const { id, request, name, spec } = (line ?? {}) as Partial<Record<string, unknown>>;
  if (typeof id !== 'number') throw new OrdealError('ORD-860', 'A request needs a number as its id');
  const known = typeof request === 'string' && Object.hasOwn(NEEDS, request);
  // Not String(): a client may send an object without a usable toString.
  if (!known) throw new OrdealError('ORD-860', `There is no request ${inspect(request).slice(0, 40)}`);
  const need = NEEDS[request as RequestName];
  if (need === 'name' && typeof name !== 'string')
    throw new OrdealError('ORD-860', `${request} needs the name of a run`);
  if (need === 'spec' && !isSpec(spec))
    throw new OrdealError('ORD-860', `${request} needs the spec of a run`);
  return line as Request;
}

const NEEDS: { readonly [K in RequestName]: 'name' | 'spec' | undefined } = {
  list: undefined,
  histories: undefined,
  start: 'spec',
  pause: 'name',
  resume: 'name',
  stop: 'name',
  log: 'name',
  watch: 'name',
};

const TARGETS: Readonly<Record<string, readonly string[]>> = {
  pid: ['number pid'],
  cgroup: ['string path'],
  container: ['string id'],
  'pod-container': ['string namespace', 'string pod', 'string uid', 'string container'],
  selector: [],
};

function isSpec(value: unknown): value is RunSpec {
  if (typeof value !== 'object' || value === null) return false;
  const { name, documents, target, duration, seed, repeat, record } = value as Partial<
    Record<keyof RunSpec, unknown>
  >;
  const isText = (each: unknown) => typeof each === 'string';
  const timed = duration === undefined || (Number.isSafeInteger(duration) && Number(duration) >= 0);
  if (seed !== undefined && !Number.isSafeInteger(seed)) return false;
  if (repeat !== undefined && !isText(repeat)) return false;
  if (record !== undefined && !isRecordPlace(record)) return false;
  return isText(name) && Array.isArray(documents) && documents.every(isText) && timed && isTarget(target);
}

function isRecordPlace(value: unknown): boolean {
  const { path, header } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof path === 'string' && isAbsolute(path) && typeof header === 'object' && header !== null;
}

function isTarget(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const target = value as Partial<Record<string, unknown>>;
  const fields = Object.hasOwn(TARGETS, String(target.kind)) ? TARGETS[String(target.kind)] : undefined;
  return (
    fields?.every((field) => {
      const [type, name = ''] = field.split(' ');
      return typeof target[name] === type;
    }) ?? false
  );
}
