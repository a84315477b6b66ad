import { OrdealError } from '@ordeal/diagnostics';
import { parseDuration } from '@ordeal/experiment';

/** The value of a flag that is a duration, in nanoseconds. @throws OrdealError ORD-901 */
export function durationFlag(flag: string, text: string): bigint {
  const parsed = parseDuration(text);
  if (!parsed.ok) {
    const { hint } = parsed.fault;
    throw new OrdealError('ORD-901', `${flag}: ${parsed.fault.message}`, hint === undefined ? {} : { hint });
  }
  if (parsed.value < 0n) throw new OrdealError('ORD-901', `${flag}: ${text} is negative`);
  return parsed.value;
}

/** The same for a flag that may be absent. */
export function optionalDuration(flag: string, text: string | undefined): bigint | undefined {
  return text === undefined ? undefined : durationFlag(flag, text);
}
