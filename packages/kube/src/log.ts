/** Writes one line of JSON to standard error. */
export function log(
  level: 'info' | 'warning' | 'error',
  message: string,
  fields: { readonly [name: string]: string | number } = {},
): void {
  const line = { time: new Date().toISOString(), level, message, ...fields };
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
