import { OrdealError } from '@ordeal/diagnostics';

/** The part of a `Status` object that says why a request failed. */
export interface ApiStatus {
  readonly message?: string;
  /** For programs: `NotFound`, `Conflict`, `AlreadyExists`, `Invalid`, `Forbidden`, `Expired`. */
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** The API server refused the request. */
export class ApiError extends OrdealError {
  /** The HTTP status. */
  readonly status: number;
  readonly reason: string;
  /** When the server wants a retry, if it said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(request: string, status: number, body: ApiStatus) {
    super('ORD-801', `${request}: ${body.message || `HTTP ${status}`}`);
    this.name = 'ApiError';
    this.status = status;
    this.reason = body.reason || 'Unknown';
    this.retryAfterSeconds = body.details?.retryAfterSeconds;
  }
}

/** The object, or the kind itself, does not exist. */
export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 404;
}

/** Another client changed the object since it was read. `AlreadyExists` is not one of these. */
export function isConflict(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason === 'Conflict';
}

/** An object of this name exists already. */
export function isAlreadyExists(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** The resource version is too old for the server to continue from. */
export function isExpired(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 410;
}

/** A retry would fail, too: the request itself is refused. */
export function isRefused(error: unknown): error is ApiError {
  return error instanceof ApiError && [400, 403, 422].includes(error.status);
}
