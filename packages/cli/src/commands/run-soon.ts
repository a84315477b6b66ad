import { readFileSync } from 'node:fs';
import { KeeperProcess } from '@ordeal/io-chaos';
import type { CommandContext } from './context.js';
import type { RunOptions } from './run.js';

/** How a document says that it is for a volume. Only a guess: it is parsed later. */
const IO_CHAOS = /^kind: *['"]?IOChaos\b/m;

/**
 * Runs experiments. A run with I/O faults begins with the start of its keeper, which takes as long as loading and checking
 * everything that a run needs: both happen at once. A keeper that turns out not to be needed touches nothing, and ends.
 */
export async function runSoon(
  files: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const keeper = new KeeperProcess(context.runDirectory);
  if (!options.detach && process.getuid?.() === 0 && files.some(mayNeedKeeper)) keeper.prepare();
  try {
    const { run } = await import('./run.js');
    return await run(files, options, context, keeper);
  } finally {
    await keeper.close();
  }
}

function mayNeedKeeper(path: string): boolean {
  try {
    return path !== '-' && IO_CHAOS.test(readFileSync(path, 'utf8'));
  } catch {
    // Its own message comes when it is read.
    return false;
  }
}
