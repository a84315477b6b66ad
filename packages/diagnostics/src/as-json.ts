/** Something as one line of JSON. Counters and nanoseconds become numbers. */
export function asJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? Number(each) : each,
  );
  return `${text}\n`;
}
