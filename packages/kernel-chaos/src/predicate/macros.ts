import { ERRNO } from '@ordeal/linux';

/** A macro that stands for a number. */
export interface MacroConstant {
  readonly value: bigint;
  /** It is an `unsigned int`, as allocation flags are; others are `int`, or `long` if they do not fit. */
  readonly unsigned?: boolean;
}

/**
 * Macros by name. BTF does not contain them, so the caller, which knows the kernel, supplies the values: `GFP_*` differ
 * between releases.
 */
export interface MacroTable {
  get(name: string): MacroConstant | undefined;
  /** All names, for suggestions. */
  names(): Iterable<string>;
}

/**
 * The errno names and the masks of `S_IS*`, with the given kernel's allocation flags.
 *
 * @param gfp values of `GFP_KERNEL`, `__GFP_NOFAIL` and so on, by name
 */
export function kernelMacros(gfp: Readonly<Record<string, bigint | number>> = {}): MacroTable {
  const table = new Map<string, MacroConstant>();
  for (const [name, number] of Object.entries({ ...ERRNO, ...FILE_MODE })) {
    table.set(name, { value: BigInt(number) });
  }
  for (const [name, number] of Object.entries(gfp))
    table.set(name, { value: BigInt(number), unsigned: true });
  return { get: (name) => table.get(name), names: () => table.keys() };
}

/** include/uapi/linux/stat.h */
const FILE_MODE = {
  S_IFMT: 0o170000,
  S_IFSOCK: 0o140000,
  S_IFLNK: 0o120000,
  S_IFREG: 0o100000,
  S_IFBLK: 0o060000,
  S_IFDIR: 0o040000,
  S_IFCHR: 0o020000,
  S_IFIFO: 0o010000,
} as const;

/** A macro with parameters, as its C body. Each parameter is used once, so expansion stays linear. */
export interface FunctionMacro {
  readonly parameters: readonly string[];
  readonly body: string;
}

/** include/linux/kdev_t.h, include/uapi/linux/stat.h, include/vdso/bits.h */
export const functionMacros: ReadonlyMap<string, FunctionMacro> = new Map([
  ['MAJOR', { parameters: ['dev'], body: '((unsigned int)((dev) >> 20))' }],
  ['MINOR', { parameters: ['dev'], body: '((unsigned int)((dev) & ((1U << 20) - 1)))' }],
  ['MKDEV', { parameters: ['ma', 'mi'], body: '(((ma) << 20) | (mi))' }],
  ['S_ISLNK', fileType('0120000')],
  ['S_ISREG', fileType('0100000')],
  ['S_ISDIR', fileType('0040000')],
  ['S_ISCHR', fileType('0020000')],
  ['S_ISBLK', fileType('0060000')],
  ['S_ISFIFO', fileType('0010000')],
  ['S_ISSOCK', fileType('0140000')],
  ['BIT', { parameters: ['nr'], body: '(1UL << (nr))' }],
  ['IS_ERR', { parameters: ['ptr'], body: '((unsigned long)(void *)(ptr) >= (unsigned long)-4095)' }],
]);

function fileType(bits: string): FunctionMacro {
  return { parameters: ['m'], body: `(((m) & 0170000) == ${bits})` };
}
