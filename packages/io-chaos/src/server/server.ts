// A program that serves one injection: see ServedVolume. Argument: the pid of its keeper, which is its parent unless it has died.
import { type DescriptorKeeper, keepDescriptors, sendSignal } from '@ordeal/linux';
import { reached } from '../steps.js';
import { KeeperLink } from './keeper-link.js';
import { ServedVolume } from './served-volume.js';
import type { ServerAnswer, ServerCommand } from './server-message.js';

const link = new KeeperLink<ServerCommand, ServerAnswer>();
const log = (line: string) => link.tell({ kind: 'log', line });
const keeper = Number(process.argv[2]);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
const descriptorKeeper = holdOwnDescriptors();
reached('server', 'started');
link.tell({ kind: 'started', descriptorKeeper: descriptorKeeper?.pid });
let code = 0;
try {
  new ServedVolume(link, keeper, descriptorKeeper).run();
  // Without a keeper nobody else would; all files have been closed.
  if (descriptorKeeper && !link.open) sendSignal(descriptorKeeper.pid, 'SIGKILL');
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  code = 1;
}
process.exit(code);

/**
 * Without a descriptor keeper everything works, except that unlinked files cannot be moved back if this process is
 * killed.
 */
function holdOwnDescriptors(): DescriptorKeeper | undefined {
  try {
    return keepDescriptors('ordeal-fds', keeper);
  } catch (error) {
    log(`deleted files will not outlive the server: ${(error as Error).message}`);
    return undefined;
  }
}
