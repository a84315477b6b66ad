import type { RunEvent } from '@ordeal/node';

/** An event as one line of JSON. Counters and nanoseconds become numbers. */
export function eventAsJson(event: RunEvent): string {
  const text = JSON.stringify(event, (_key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  return `${text}\n`;
}
