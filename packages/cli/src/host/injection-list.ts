import { readFileSync } from 'node:fs';

const LIST = '/sys/kernel/debug/error_injection/list';

/** Names of the functions on this kernel's error injection list; undefined if it cannot be read. */
export function readInjectionList(): ReadonlySet<string> | undefined {
  try {
    return parseInjectionList(readFileSync(LIST, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads lines such as `should_failslab [mm]\tERRNO`; module functions have ` [module]` after their name. */
export function parseInjectionList(text: string): ReadonlySet<string> {
  const names = text.split('\n').map((line) => line.split(/[\s[]/, 1)[0] ?? '');
  return new Set(names.filter((name) => name !== ''));
}
