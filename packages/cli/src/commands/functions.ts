import { nearestFunctions, readInjectionList } from '@ordeal/kernel-chaos';
import { EXIT } from '../exit-code.js';
import { factsFor } from '../host/facts.js';
import { hasKernelSymbol } from '../host/kernel-symbol.js';
import { renderFunctions, renderNothingFound } from '../render/functions.js';
import { matchingFunctions } from '../report/function-list.js';
import type { CommandContext } from './context.js';

export interface FunctionsOptions {
  readonly btf?: string;
  readonly json?: true;
}

/** Lists kernel functions that can be a frame or a fault point, with prototypes. */
export async function functions(
  pattern: string | undefined,
  options: FunctionsOptions,
  { output }: CommandContext,
): Promise<number> {
  const facts = factsFor(options.btf);
  const own = options.btf === undefined;
  const found = matchingFunctions(facts.btf, pattern, own ? readInjectionList() : undefined);
  if (options.json) output.out.write(found.map((each) => `${JSON.stringify(each)}\n`).join(''));
  else output.out.write(renderFunctions(found, output.out.paint));
  if (found.length > 0 || pattern === undefined) return EXIT.ok;
  const exact = !/[*?]/.test(pattern);
  output.err.write(
    renderNothingFound(pattern, {
      kernel: own ? `Linux ${facts.release}` : facts.release,
      symbol: own && exact && hasKernelSymbol(pattern),
      near: exact ? nearestFunctions(facts.btf, pattern) : [],
    }),
  );
  return EXIT.failed;
}
