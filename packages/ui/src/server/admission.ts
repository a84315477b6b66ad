import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What decides whether a request is answered. */
export interface Asked {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers set and pages cannot. */
  readonly site: string | undefined;
  readonly token: string | undefined;
}

export interface Refused {
  readonly status: 401 | 403 | 421;
  readonly why: string;
}

/** A secret that cannot be guessed: 192 random bits. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * Why a request is not answered; undefined where it is. A page of another origin must not reach this one, neither under its
 * own name (DNS rebinding) nor by requests that a browser sends for it.
 *
 * @param origin of this server, `http://127.0.0.1:4211`
 */
export function refusalOf(asked: Asked, origin: string, token: string): Refused | undefined {
  const { host } = new URL(origin);
  if (asked.host !== host)
    return { status: 421, why: `this is ${origin}, and the request is for another host` };
  if (asked.origin !== undefined && asked.origin !== origin)
    return { status: 403, why: `requests of other pages are refused` };
  if (asked.site !== undefined && asked.site !== 'same-origin' && asked.site !== 'none')
    return { status: 403, why: `requests of other pages are refused` };
  if (!isSame(asked.token ?? '', token))
    return { status: 401, why: 'the token is missing or wrong: open the address that ordeal ui printed' };
  return undefined;
}

/** Takes the same time whatever is given. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}
