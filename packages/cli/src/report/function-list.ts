import { type Btf, formatType } from '@ordeal/bpf';
import { FAULT_POINTS, type InjectionList } from '@ordeal/kernel-chaos';

/** A kernel function as `ordeal functions` shows it. */
export interface ListedFunction {
  readonly name: string;
  readonly prototype: string;
  /** The fault type that it is the fault point of. */
  readonly failtype: number | undefined;
  /** On the kernel's error injection list; undefined if that list cannot be read. */
  readonly injectable: boolean | undefined;
}

/**
 * Functions whose name matches the pattern, sorted by name.
 *
 * @param injectable the kernel's error injection list
 */
export function matchingFunctions(
  btf: Btf,
  pattern: string | undefined,
  injectable: InjectionList | undefined,
): ListedFunction[] {
  const matches = nameMatcher(pattern);
  const found = new Map<string, ListedFunction>();
  for (const id of btf.ids('func')) {
    const name = btf.nameOf(id);
    // Static functions of one name and prototype appear once; BTF leaves out those that differ.
    if (found.has(name) || !matches(name)) continue;
    const failtype = FAULT_POINTS.find((point) => point.function === name)?.failtype;
    found.set(name, { name, prototype: formatType(btf, id), failtype, injectable: injectable?.has(name) });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A pattern with `*` or `?` must match the whole name, any other a part of it. */
export function nameMatcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  if (!/[*?]/.test(pattern)) return (name) => name.includes(pattern);
  const source = pattern.replace(/[^*?]+|\*+|\?/g, (part) =>
    part.startsWith('*') ? '.*' : part === '?' ? '.' : part.replace(/[\\^$.|+()[\]{}]/g, '\\$&'),
  );
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}
