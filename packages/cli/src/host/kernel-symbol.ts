import { readFileSync } from 'node:fs';

/** Whether the running kernel has a symbol of this name; functions without BTF have one, too. */
export function hasKernelSymbol(name: string): boolean {
  let text: string;
  try {
    text = readFileSync('/proc/kallsyms', 'latin1');
  } catch {
    return false;
  }
  return text.includes(` ${name}\n`) || text.includes(` ${name}\t`);
}
