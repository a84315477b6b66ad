import { clean } from '@ordeal/lab';
import { EXIT } from '../exit-code.js';
import { bytes } from '../render/number.js';
import type { CommandContext } from './context.js';

/** Removes kernels, build trees and logs. */
export async function labClean({ output }: CommandContext): Promise<number> {
  const freed = await clean();
  output.out.write(
    freed === 0 ? 'the lab has nothing to remove\n' : `removed ${bytes(freed)} of kernels and logs\n`,
  );
  return EXIT.ok;
}
