import { type CutPower, type CutPowerOptions, cutVolumePower, type PoweredVolume } from '@ordeal/io-chaos';
import { EXIT } from '../exit-code.js';
import { seedFlag } from '../flags/seed-flag.js';
import { findPowerTarget, type PowerFlags, unsyncedOf } from '../host/powered-volumes.js';
import { renderCut } from '../render/power-loss.js';
import type { CommandContext } from './context.js';

export interface CutOptions extends PowerFlags {
  readonly lose?: 'all' | 'none' | 'random';
  readonly seed?: string;
  readonly json?: true;
}

/** Cuts the power of volumes: kills their users, takes away what was not synced, and tells what that was. */
export async function cut(
  name: string | undefined,
  options: CutOptions,
  { output: { out }, runDirectory }: CommandContext,
): Promise<number> {
  const seed = seedFlag(options.seed, 32);
  const { volumes, processes } = await findPowerTarget(runDirectory, name, options);
  const choice: CutPowerOptions = {
    kill: processes,
    ...(options.lose && { lose: options.lose }),
    ...(seed !== undefined && { seed }),
  };
  const powered = (await unsyncedOf(runDirectory, volumes)).map(({ volume }) => volume);
  // All at once: with its target, a run that holds several ends.
  const cuts = await Promise.all(
    powered.map(async (volume) => ({ volume, cut: await cutVolumePower(runDirectory, volume, choice) })),
  );
  for (const each of cuts) out.write(options.json ? `${JSON.stringify(asData(each))}\n` : renderCut(each));
  return cuts.some(({ cut: { failed } }) => failed.length > 0) ? EXIT.failed : EXIT.ok;
}

function asData({ volume, cut: done }: { readonly volume: PoweredVolume; readonly cut: CutPower }): object {
  return { volumePath: volume.path, ...done };
}
