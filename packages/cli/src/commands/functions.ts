import { nearestNames, OrdealError, UnsupportedError } from '@ordeal/diagnostics';
import { injectableFunctions, nearestFunctions } from '@ordeal/kernel-chaos';
import { EXIT } from '../exit-code.js';
import { factsFor } from '../host/facts.js';
import { hasKernelSymbol } from '../host/kernel-symbol.js';
import { requireRoot } from '../host/require-root.js';
import type { Output } from '../output/output.js';
import { renderFunctions, renderInjectable, renderNothingFound } from '../render/functions.js';
import { matchingFunctions, nameMatcher } from '../report/function-list.js';
import type { CommandContext } from './context.js';

export interface FunctionsOptions {
  readonly injectable?: true;
  readonly btf?: string;
  readonly json?: true;
}

/** Lists kernel functions that can be a frame or a fault point, with prototypes. */
export async function functions(
  pattern: string | undefined,
  options: FunctionsOptions,
  { output }: CommandContext,
): Promise<number> {
  if (options.injectable) return listInjectable(pattern, options, output);
  const facts = factsFor(options.btf);
  const own = options.btf === undefined;
  const found = matchingFunctions(facts.btf, pattern, own ? facts.injectable() : undefined);
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

/** The functions that a document may name, of those that the pattern fits in one of their two names. */
function listInjectable(pattern: string | undefined, options: FunctionsOptions, output: Output): number {
  if (options.btf !== undefined) {
    const message = '--injectable and --btf exclude each other: only a running kernel has the list';
    throw new OrdealError('ORD-901', message);
  }
  requireRoot('Reading the error injection list');
  const facts = factsFor(undefined);
  const all = injectableFunctions(facts);
  if (!all) {
    const option = 'CONFIG_FUNCTION_ERROR_INJECTION';
    const message = `Linux ${facts.release} allows no function to fail: it was built without ${option}`;
    throw new UnsupportedError('ORD-405', option, message);
  }
  const matches = nameMatcher(pattern);
  const found = all.filter((each) => matches(each.name) || matches(each.function));
  if (options.json) output.out.write(found.map((each) => `${JSON.stringify(each)}\n`).join(''));
  else output.out.write(renderInjectable(found));
  if (found.length > 0 || pattern === undefined) return EXIT.ok;
  const near = nearestNames(
    pattern,
    all.map(({ name }) => name),
  );
  output.err.write(renderNothingFound(pattern, { kernel: `Linux ${facts.release}`, symbol: false, near }));
  return EXIT.failed;
}
