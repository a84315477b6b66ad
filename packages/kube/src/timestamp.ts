/** A time as the API has most of them: RFC 3339 with whole seconds. Pure but for the default. */
export function timestamp(time: Date = new Date()): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
