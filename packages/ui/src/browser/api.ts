/** In the address that a person has opened. */
const token = new URLSearchParams(location.search).get('token') ?? '';

/** The address of something that the browser itself opens. */
export function address(path: string, query: Readonly<Record<string, string>> = {}): string {
  return `${path}?${new URLSearchParams({ ...query, token })}`;
}

/** Asks the server. @throws Error with what it says against it */
export async function ask<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  if (response.ok) return (await response.json()) as T;
  const { error } = isJson
    ? ((await response.json()) as { error: string })
    : { error: await response.text() };
  throw new Error(error);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
