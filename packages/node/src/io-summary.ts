import { errnoName } from '@ordeal/diagnostics';
import { formatDuration, type IOChaosSpec } from '@ordeal/experiment';

/** What an IOChaos does, in words: `write under /data fails with EIO`. Pure. */
export function ioSummary({ action, methods, volumePath, errno, delay }: IOChaosSpec): string {
  const all = methods.length === 0;
  const subject = `${all ? 'every request' : methods.join(', ')} under ${volumePath}`;
  // Methods are names: one of them becomes, several become.
  const one = methods.length <= 1;
  switch (action) {
    case 'latency':
      return `${subject} ${one ? 'becomes' : 'become'} ${formatDuration(delay ?? 0n)} slower`;
    case 'fault':
      return `${subject} ${one ? 'fails' : 'fail'} with ${errnoName(errno ?? 0)}`;
    case 'attrOverride':
      return `files under ${volumePath} show other attributes`;
    case 'mistake':
      return `${all ? 'reads and writes' : methods.join(', ')} under ${volumePath} ${methods.length === 1 ? 'is' : 'are'} damaged`;
  }
}
