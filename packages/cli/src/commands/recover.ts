import { type Recovered, recoverInjections } from '@ordeal/io-chaos';
import { EXIT } from '../exit-code.js';
import { requireRoot } from '../host/require-root.js';
import { renderRecovered } from '../render/recovered.js';
import type { CommandContext } from './context.js';

export interface RecoverOptions {
  readonly json?: true;
}

/** Cleans up after runs on this host that were killed together with their keepers. */
export async function recover(
  options: RecoverOptions,
  { output, runDirectory }: CommandContext,
): Promise<number> {
  requireRoot('Recovering');
  const results = await recoverInjections(runDirectory);
  output.out.write(options.json ? `${JSON.stringify(results)}\n` : renderRecovered(results));
  const isLeft = ({ outcome }: Recovered) => outcome === 'partly' || outcome === 'unreadable';
  return results.some(isLeft) ? EXIT.failed : EXIT.ok;
}
