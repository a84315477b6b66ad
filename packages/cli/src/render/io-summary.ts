import { errnoName } from '@ordeal/diagnostics';
import { formatDuration, type IOChaosSpec, mayMatchBelow } from '@ordeal/experiment';
import type { MovedProcess } from '@ordeal/move';
import { damageWords } from './damage-words.js';

/**
 * Describes an IOChaos: `write under /data fails with EIO`, `write to /data/log* fails with EIO`. Pure.
 *
 * @param matched whether a file matches the document's pattern now; undefined if that is not known
 */
export function ioSummary(spec: IOChaosSpec, matched?: boolean): string {
  const { volumePath, path } = spec;
  if (path === undefined) return effectWords(spec, `under ${volumePath}`, `files under ${volumePath} show`);
  const { pattern } = path;
  if (!mayMatchBelow(pattern, volumePath))
    return `no request under ${volumePath} matches: no path there matches ${pattern}`;
  if (matched === false)
    return `no file matches ${pattern} now; if one appears, ${effectWords(spec, 'to it', 'it shows')}`;
  return effectWords(spec, `to ${pattern}`, `files matching ${pattern} show`);
}

/** What becomes of data that was not synced when fsync fails. */
const AFTER_FSYNC = {
  later: '',
  keep: ', and no later fsync writes what it should have written',
  lose: ', and fsync loses what was not synced',
} as const;

/** `becomes 100ms ± 20ms slower and pauses for 10s every 1m0s`. */
function delayWords({ delay, jitter, histogram, stall }: IOChaosSpec, one: boolean): string {
  const longest = histogram?.at(-1)?.upTo;
  const spread = jitter ? ` ± ${formatDuration(jitter)}` : '';
  const span = delay ? `${formatDuration(delay)}${spread}` : longest && `up to ${formatDuration(longest)}`;
  const slower = span ? `${one ? 'becomes' : 'become'} ${span} slower` : '';
  if (!stall) return slower;
  const pauses = `for ${formatDuration(stall.for ?? 0n)} every ${formatDuration(stall.every ?? 0n)}`;
  return `${slower && `${slower} and `}${one ? 'pauses' : 'pause'} ${pauses}`;
}

/** `1048576 bytes and 100 requests a second`. */
function limitWords({ limit }: IOChaosSpec): string {
  const { bytesPerSecond, operationsPerSecond } = limit ?? {};
  const bytes = bytesPerSecond === undefined ? [] : [plural(bytesPerSecond, 'byte')];
  const requests = operationsPerSecond === undefined ? [] : [plural(operationsPerSecond, 'request')];
  return `${[...bytes, ...requests].join(' and ')} a second`;
}

function effectWords(spec: IOChaosSpec, place: string, show: string): string {
  const { action, methods, errno, unsynced } = spec;
  const all = methods.length === 0;
  const subject = `${all ? 'every request' : methods.join(', ')} ${place}`;
  // Methods are names: one takes the singular, several the plural.
  const one = methods.length <= 1;
  switch (action) {
    case 'latency':
      return `${subject} ${delayWords(spec, one)}`;
    case 'fault':
      return `${subject} ${one ? 'fails' : 'fail'} with ${errnoName(errno ?? 0)}${AFTER_FSYNC[unsynced ?? 'later']}`;
    case 'attrOverride':
      return `${show} other attributes`;
    case 'capacity':
      return `files ${place} fail with ${spec.capacity?.errno} once they have grown by ${plural(spec.capacity?.bytes ?? 0, 'byte')}`;
    case 'limit':
      return `${subject} ${one ? 'is' : 'are'} limited to ${limitWords(spec)}`;
    case 'powerLoss':
      return `${place} what is not synced is lost when the power is cut`;
    case 'mistake':
      return damageWords(spec, place);
  }
}

/** `2 open files of 1 process moved, stopped for at most 0.6 ms`. Pure. */
export function movedWords(processes: readonly MovedProcess[]): string {
  if (processes.length === 0) return 'nothing was open';
  const files = processes.reduce((sum, { descriptors }) => sum + descriptors, 0);
  const longest = Math.max(...processes.flatMap(({ stopsMs }) => stopsMs));
  const what = `${plural(files, 'open file')} of ${plural(processes.length, 'process', 'processes')} moved`;
  return `${what}, stopped for at most ${longest.toFixed(1)} ms`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
