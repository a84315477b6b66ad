import type { Btf } from '@ordeal/bpf';

/** Allocation flags by name, `GFP_KERNEL` and `__GFP_NOFAIL` alike. */
export type GfpFlags = Readonly<Record<string, number>>;

/**
 * The flags as the running kernel prints them: `events/kmem/kmalloc/format` of tracefs carries, for its own
 * `__print_flags`, each name with the expression that the kernel was compiled from, `{( unsigned long)(( gfp_t)0x40u |
 * …), "GFP_NOFS"}`.
 *
 * @param enumValue values of enumerators, which the expressions use since 6.10
 * @returns an empty table for a text without flags; names whose expression cannot be parsed are left out
 */
export function parseGfpFlags(format: string, enumValue: (name: string) => number | undefined): GfpFlags {
  const flags: Record<string, number> = {};
  for (const [, expression = '', name = ''] of format.matchAll(/\{\s*([^{}"]*),\s*"(\w+)"\s*\}/g)) {
    const value = new FlagExpression(expression, enumValue).value();
    if (value !== undefined) flags[name] = value >>> 0;
  }
  return flags;
}

/**
 * The flags of 5.0 to 6.9, for a kernel that does not export them (include/linux/gfp.h, since 6.0 gfp_types.h); those
 * that predicates and the spare need have kept their bits.
 */
export const HEADER_GFP_FLAGS: GfpFlags = {
  __GFP_DMA: 0x01,
  __GFP_HIGHMEM: 0x02,
  __GFP_DMA32: 0x04,
  __GFP_MOVABLE: 0x08,
  __GFP_RECLAIMABLE: 0x10,
  __GFP_HIGH: 0x20,
  __GFP_IO: 0x40,
  __GFP_FS: 0x80,
  __GFP_ZERO: 0x100,
  __GFP_DIRECT_RECLAIM: 0x400,
  __GFP_KSWAPD_RECLAIM: 0x800,
  __GFP_RECLAIM: 0xc00,
  __GFP_WRITE: 0x1000,
  __GFP_NOWARN: 0x2000,
  __GFP_RETRY_MAYFAIL: 0x4000,
  __GFP_NOFAIL: 0x8000,
  __GFP_NORETRY: 0x1_0000,
  __GFP_MEMALLOC: 0x2_0000,
  __GFP_COMP: 0x4_0000,
  __GFP_NOMEMALLOC: 0x8_0000,
  __GFP_HARDWALL: 0x10_0000,
  __GFP_THISNODE: 0x20_0000,
  __GFP_ACCOUNT: 0x40_0000,
  GFP_KERNEL: 0xcc0,
  GFP_KERNEL_ACCOUNT: 0x40_0cc0,
  GFP_NOWAIT: 0x800,
  GFP_NOIO: 0xc00,
  GFP_NOFS: 0xc40,
  GFP_USER: 0x10_0cc0,
  GFP_HIGHUSER: 0x10_0cc2,
};

/**
 * The flags of a kernel of which only BTF is known: since 6.10 an enum holds the bits (`___GFP_NOFAIL_BIT`); composite
 * flags are put together from them as the header does.
 */
export function gfpFlagsOfBtf(btf: Btf): GfpFlags {
  const bits: Record<string, number> = {};
  for (const id of btf.ids('enum')) {
    const type = btf.type(id);
    if (type.kind !== 'enum' || !type.values.some((value) => value.name === '___GFP_NOFAIL_BIT')) continue;
    for (const { name, value } of type.values) {
      const [, flag] = /^_(__GFP_\w+)_BIT$/.exec(name) ?? [];
      if (flag !== undefined) bits[flag] = 2 ** Number(value);
    }
  }
  if (bits.__GFP_NOFAIL === undefined) return HEADER_GFP_FLAGS;
  const all = (...names: string[]) => names.reduce((sum, name) => sum | (bits[name] ?? 0), 0);
  const reclaim = all('__GFP_DIRECT_RECLAIM', '__GFP_KSWAPD_RECLAIM');
  const kernel = reclaim | all('__GFP_IO', '__GFP_FS');
  return {
    ...bits,
    __GFP_RECLAIM: reclaim,
    GFP_KERNEL: kernel,
    GFP_KERNEL_ACCOUNT: kernel | all('__GFP_ACCOUNT'),
    GFP_NOWAIT: all('__GFP_KSWAPD_RECLAIM'),
    GFP_NOIO: reclaim,
    GFP_NOFS: reclaim | all('__GFP_IO'),
    GFP_USER: kernel | all('__GFP_HARDWALL'),
    GFP_HIGHUSER: kernel | all('__GFP_HARDWALL', '__GFP_HIGHMEM'),
    GFP_ATOMIC: all('__GFP_HIGH', '__GFP_KSWAPD_RECLAIM'),
  };
}

/** `|`, `&`, `<<`, `~`, parentheses, casts, numbers and enumerators: the syntax of flags. */
class FlagExpression {
  readonly #tokens: readonly string[];
  readonly #enumValue: (name: string) => number | undefined;
  #at = 0;

  constructor(text: string, enumValue: (name: string) => number | undefined) {
    const plain = text.replace(/\(\s*(unsigned long|gfp_t)\s*\)/g, '');
    this.#tokens = plain.match(/0x[0-9a-fA-F]+|\d+|\w+|<<|[|&~()]/g) ?? [];
    this.#enumValue = enumValue;
  }

  /** 32 bits; undefined if it cannot be parsed. */
  value(): number | undefined {
    const value = this.#or();
    return this.#at === this.#tokens.length ? value : undefined;
  }

  #or(): number | undefined {
    return this.#chain(
      '|',
      () => this.#and(),
      (a, b) => a | b,
    );
  }

  #and(): number | undefined {
    return this.#chain(
      '&',
      () => this.#shift(),
      (a, b) => a & b,
    );
  }

  #shift(): number | undefined {
    return this.#chain(
      '<<',
      () => this.#unary(),
      (a, b) => a << b,
    );
  }

  #chain(
    sign: string,
    operand: () => number | undefined,
    join: (a: number, b: number) => number,
  ): number | undefined {
    let left = operand();
    while (left !== undefined && this.#tokens[this.#at] === sign) {
      this.#at++;
      const right = operand();
      left = right === undefined ? undefined : join(left, right);
    }
    return left;
  }

  #unary(): number | undefined {
    const token = this.#tokens[this.#at++];
    if (token === undefined) return undefined;
    if (token === '~') {
      const operand = this.#unary();
      return operand === undefined ? undefined : ~operand;
    }
    if (token === '(') {
      const inner = this.#or();
      return this.#tokens[this.#at++] === ')' ? inner : undefined;
    }
    const number = /^\d/.test(token) ? Number(token) : this.#enumValue(token);
    // The suffix of `0x40u` and `1UL` is a token of its own.
    if (number !== undefined && /^[uUlL]+$/.test(this.#tokens[this.#at] ?? '')) this.#at++;
    return number;
  }
}
