import { readFileSync } from 'node:fs';

const LIST = '/sys/kernel/debug/error_injection/list';

/** Names of the functions that this kernel allows to be made to fail; undefined where it does not say. */
export function readInjectionList(): ReadonlySet<string> | undefined {
  try {
    return parseInjectionList(readFileSync(LIST, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads lines such as `should_failslab [mm]\tERRNO`; module functions carry ` [module]` behind their name. */
export function parseInjectionList(text: string): ReadonlySet<string> {
  const names = text.split('\n').map((line) => line.split(/[\s[]/, 1)[0] ?? '');
  return new Set(names.filter((name) => name !== ''));
}
