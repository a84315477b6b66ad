import { EXIT } from '../exit-code.js';
import { findPowerTarget, type PowerFlags, unsyncedOf } from '../host/powered-volumes.js';
import { renderUnsynced } from '../render/power-loss.js';
import type { CommandContext } from './context.js';

export interface UnsyncedOptions extends PowerFlags {
  readonly json?: true;
}

/** Shows what a power failure could take away now. */
export async function unsynced(
  name: string | undefined,
  options: UnsyncedOptions,
  { output: { out }, runDirectory }: CommandContext,
): Promise<number> {
  const { volumes } = await findPowerTarget(runDirectory, name, options);
  for (const { volume, report } of await unsyncedOf(runDirectory, volumes)) {
    const { path } = volume;
    out.write(
      options.json ? `${JSON.stringify({ volumePath: path, ...report })}\n` : renderUnsynced(path, report),
    );
  }
  return EXIT.ok;
}
