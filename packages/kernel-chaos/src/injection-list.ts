import { readFileSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import { mountDetached } from '@ordeal/linux';

/**
 * What a function on the error injection list may return instead of doing its work (`EI_ETYPE_*` of
 * include/asm-generic/error-injection.h): NULL, a negative errno, either of the two, or true.
 */
export const ERROR_TYPES = ['NULL', 'ERRNO', 'ERRNO_NULL', 'TRUE'] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

/** The functions that a kernel allows to fail, by name. */
export type InjectionList = ReadonlyMap<string, ErrorType>;

const LIST = 'error_injection/list';

/**
 * The list of the running kernel; undefined if it cannot be read: no privileges, or no CONFIG_FUNCTION_ERROR_INJECTION
 * or CONFIG_DEBUG_FS. debugfs need not be mounted (Linux ≥ 5.2).
 */
export function readInjectionList(): InjectionList | undefined {
  const mounted = tryRead(`/sys/kernel/debug/${LIST}`);
  if (mounted !== undefined) return parseInjectionList(mounted);
  try {
    const debugfs = mountDetached('debugfs');
    try {
      const text = tryRead(`/proc/self/fd/${debugfs.number}/${LIST}`);
      return text === undefined ? undefined : parseInjectionList(text);
    } finally {
      debugfs.close();
    }
  } catch (error) {
    if (error instanceof OrdealError) return undefined;
    throw error;
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Reads lines such as `should_failslab\tERRNO`; functions of modules have ` [module]` after their name. */
export function parseInjectionList(text: string): InjectionList {
  const list = new Map<string, ErrorType>();
  for (const line of text.split('\n')) {
    const [, name, word] = /^([^\s[]+).*\s(\S+)$/.exec(line) ?? [];
    const type = ERROR_TYPES.find((each) => each === word);
    if (name !== undefined && type !== undefined) list.set(name, type);
  }
  return list;
}
