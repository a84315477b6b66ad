import { errnoName, formatDuration, type IOChaosSpec } from '@ordeal/experiment';

/** What an IOChaos does, in words: `writes under /data fail with EIO`. Pure. */
export function ioSummary({ action, methods, volumePath, errno, delay }: IOChaosSpec): string {
  const subject = `${methods.length === 0 ? 'all requests' : methods.join(', ')} under ${volumePath}`;
  switch (action) {
    case 'latency':
      return `${subject} become ${formatDuration(delay ?? 0n)} slower`;
    case 'fault':
      return `${subject} fail with ${errnoName(errno ?? 0)}`;
    case 'attrOverride':
      return `files under ${volumePath} show other attributes`;
    case 'mistake':
      return `${methods.length === 0 ? 'reads and writes' : methods.join(', ')} under ${volumePath} are damaged`;
  }
}
