import { constants } from 'node:fs';
import fc from 'fast-check';

/** One step of a random stream, as data: what it means is in {@link Side}. */
export type Operation =
  | { readonly kind: 'open'; readonly slot: number; readonly name: string; readonly flags: number }
  | { readonly kind: 'temporary'; readonly slot: number; readonly name: string }
  | { readonly kind: 'close' | 'unmap' | 'sync' | 'stat' | 'map' | 'msync'; readonly slot: number }
  | { readonly kind: 'truncate'; readonly slot: number; readonly size: number }
  | {
      readonly kind: 'write' | 'append' | 'read' | 'poke' | 'peek';
      readonly slot: number;
      readonly at: number;
      readonly size: number;
      readonly fill: number;
    }
  | {
      readonly kind: 'allocate';
      readonly slot: number;
      readonly mode: number;
      readonly at: number;
      readonly size: number;
    }
  | {
      readonly kind: 'copy';
      readonly slot: number;
      readonly to: number;
      readonly at: number;
      readonly toAt: number;
      readonly size: number;
    }
  | { readonly kind: 'rename'; readonly name: string; readonly to: string; readonly flags: number }
  | { readonly kind: 'link' | 'symlink'; readonly name: string; readonly to: string }
  | { readonly kind: 'unlink' | 'mkdir' | 'rmdir' | 'list' | 'look'; readonly name: string }
  | { readonly kind: 'chmod' | 'cut' | 'label'; readonly name: string; readonly value: number }
  | { readonly kind: 'shared'; readonly at: number; readonly size: number; readonly fill: number }
  | { readonly kind: 'count' }
  | { readonly kind: 'log'; readonly size: number };

/** How many files may be open at a time. */
export const SLOTS = 4;
/** Sizes and offsets stay below: some pages, so that operations meet often. */
export const REACH = 100_000;

const slot = fc.nat(SLOTS - 1);
/** Directories that there are at first. */
export const DIRECTORIES = ['x', 'x/y', 'z'];
// Few names, so that they meet often.
const directory = fc.constantFrom(...DIRECTORIES, 'w', 'x/z', 'z/x');
const file = fc.constantFrom('a', 'b', 'c', 'x/a', 'x/b', 'x/y/a', 'z/a', 'z/x/b', 'w/a');
const mostly = fc.oneof({ weight: 15, arbitrary: file }, { weight: 1, arbitrary: directory });
const name = fc.oneof({ weight: 3, arbitrary: file }, { weight: 1, arbitrary: directory });
/** On and beside the borders of pages, and anywhere. */
const at = fc.oneof(
  fc.nat(REACH),
  fc.tuple(fc.nat(20), fc.integer({ min: -2, max: 2 })).map(([page, by]) => Math.max(0, page * 4096 + by)),
);
const size = fc.oneof(fc.nat(300), fc.nat(20_000), fc.constantFrom(1, 4095, 4096, 4097, 8192));
const fill = fc.nat(255);
const kind = <K extends string>(...kinds: readonly K[]) => fc.constantFrom(...kinds);
const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECT } = constants;
const flags = fc.oneof(
  { weight: 6, arbitrary: fc.constant(O_RDWR | O_CREAT) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      O_RDONLY,
      O_RDWR,
      O_RDWR | O_CREAT | O_EXCL,
      O_RDWR | O_CREAT | O_TRUNC,
      O_RDWR | O_CREAT | O_APPEND,
      O_WRONLY | O_APPEND,
      O_RDWR | O_CREAT | O_DIRECT,
    ),
  },
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ kind: kind('open'), slot, name: mostly, flags }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('temporary'), slot, name: directory }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('close', 'unmap'), slot }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('sync', 'msync'), slot }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('stat', 'map'), slot }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('truncate'), slot, size: at }) },
  { weight: 24, arbitrary: fc.record({ kind: kind('write', 'read', 'poke', 'peek'), slot, at, size, fill }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('append'), slot, at, size, fill }) },
  // KEEP_SIZE 1, PUNCH_HOLE 2, ZERO_RANGE 16 (include/uapi/linux/falloc.h)
  {
    weight: 5,
    arbitrary: fc.record({ kind: kind('allocate'), slot, mode: fc.constantFrom(0, 1, 3, 16, 17), at, size }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('copy'), slot, to: slot, at, toAt: at, size }) },
  // RENAME_NOREPLACE 1, RENAME_EXCHANGE 2
  {
    weight: 5,
    arbitrary: fc.record({ kind: kind('rename'), name, to: name, flags: fc.constantFrom(0, 0, 1, 2) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('link', 'symlink'), name, to: name }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('unlink'), name }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('mkdir'), name: directory }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('rmdir'), name: directory }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('list', 'look'), name }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('chmod', 'cut', 'label'), name, value: fc.nat(60_000) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('shared'), at: fc.nat(9_000), size: fc.nat(1000), fill }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('count') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('log'), size: fc.nat(200) }) },
);
