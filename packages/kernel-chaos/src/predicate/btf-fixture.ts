import { Btf, findFunction, type KernelFunction } from '@ordeal/bpf';
import { BtfWriter } from './btf-writer.js';

/**
 * A small kernel for tests: the structures that the documentation's predicates look into, cut down, and one structure
 * `box` with a member of each kind that C knows.
 */
export function fixtureBtf(): Btf {
  return new Btf(fixtureBytes());
}

/** The same as the bytes of a BTF file. */
export function fixtureBytes(): Uint8Array {
  const w = new BtfWriter();
  const basic = basicTypes(w);
  blockTypes(w, basic);
  fileTypes(w, basic);
  boxType(w, basic);
  return w.bytes();
}

/** The function of the fixture. @throws Error if it has none */
export function fixtureFunction(btf: Btf, name: string): KernelFunction {
  const found = findFunction(btf, name);
  if (!found) throw new Error(`the fixture has no ${name}`);
  return found;
}

type Basic = ReturnType<typeof basicTypes>;

function basicTypes(w: BtfWriter) {
  const uchar = w.int('unsigned char', 1, 'unsigned');
  const ushort = w.int('short unsigned int', 2, 'unsigned');
  const uint = w.int('unsigned int', 4, 'unsigned');
  const ulong = w.int('long unsigned int', 8, 'unsigned');
  const types = {
    char: w.int('char', 1, 'unsigned'),
    schar: w.int('signed char', 1),
    short: w.int('short int', 2),
    int: w.int('int', 4),
    long: w.int('long int', 8),
    bool: w.int('_Bool', 1, 'bool'),
    wide: w.int('__int128', 16),
    double: w.float('double', 8),
    uchar,
    ushort,
    uint,
    ulong,
    u8: w.typedef('u8', uchar),
    u16: w.typedef('u16', ushort),
    u32: w.typedef('u32', uint),
    u64: w.typedef('u64', ulong),
    gfp: w.typedef('gfp_t', uint),
    dev: w.typedef('dev_t', uint),
    sector: w.typedef('sector_t', ulong),
    umode: w.typedef('umode_t', ushort),
  };
  w.typedef('size_t', ulong);
  const text = w.pointer(w.const(types.char));
  return { ...types, text, name: w.pointer(w.const(uchar)) };
}

function blockTypes(w: BtfWriter, t: Basic): void {
  const iter = w.composite('struct', 'bvec_iter', 24, [
    ['bi_sector', t.sector, 0],
    ['bi_size', t.uint, 64],
    ['bi_idx', t.uint, 96],
  ]);
  const device = w.composite('struct', 'device', 16, [['devt', t.dev, 32]]);
  const partition = w.composite('struct', 'hd_struct', 32, [
    ['start', t.sector, 0],
    ['__dev', device, 64],
  ]);
  const table = w.composite('struct', 'disk_part_tbl', 16, [['len', t.int, 0]]);
  const disk = w.composite('struct', 'gendisk', 16, [
    ['major', t.int, 0],
    ['part_tbl', w.pointer(table), 64],
  ]);
  w.pointer(partition);
  const bio = w.composite('struct', 'bio', 64, [
    ['bi_next', w.pointer(0), 0],
    ['bi_disk', w.pointer(disk), 64],
    ['bi_opf', t.uint, 128],
    ['bi_partno', t.u8, 160],
    ['bi_iter', iter, 192],
  ]);
  w.enum('req_op', { REQ_OP_READ: 0, REQ_OP_WRITE: 1, REQ_OP_LAST: 36 });
  w.enum('', { MINUS: -2, SHARED: 1 }, true);
  w.enum('other', { SHARED: 2 });
  w.enum64('', { HUGE: 1n << 40n });
  w.func('should_fail_bio', w.prototype(t.int, [['bio', w.pointer(bio)]]));
}

function fileTypes(w: BtfWriter, t: Basic): void {
  const hashAndLength = w.composite('struct', '', 8, [
    ['hash', t.u32, 0],
    ['len', t.u32, 32],
  ]);
  const either = w.composite('union', '', 8, [
    ['', hashAndLength, 0],
    ['hash_len', t.u64, 0],
  ]);
  const qstr = w.composite('struct', 'qstr', 16, [
    ['', either, 0],
    ['name', t.name, 64],
  ]);
  const dentry = w.composite('struct', 'dentry', 48, [
    ['d_flags', t.uint, 0],
    ['d_name', qstr, 64],
    ['d_iname', w.array(t.uchar, 16), 192],
  ]);
  const cache = w.composite('struct', 'kmem_cache', 32, [
    ['flags', t.uint, 0],
    ['size', t.uint, 32],
    ['name', t.text, 64],
  ]);
  w.declared('opaque');
  const registers = w.composite(
    'struct',
    'pt_regs',
    168,
    ['r10', 'r8', 'r9', 'dx', 'si', 'di'].map((name, index) => [name, t.ulong, index * 64] as const),
  );
  const wrapper = w.prototype(t.long, [['regs', w.pointer(w.const(registers))]]);
  w.func('__x64_sys_mount', wrapper);
  w.func('__x64_sys_openat2', wrapper);
  w.func(
    '__do_sys_openat2',
    w.prototype(t.long, [
      ['dfd', t.int],
      ['filename', t.text],
    ]),
  );
  w.func(
    'd_alloc_parallel',
    w.prototype(w.pointer(dentry), [
      ['parent', w.pointer(dentry)],
      ['name', w.pointer(w.const(qstr))],
      ['wq', w.pointer(w.declared('wait_queue_head'))],
    ]),
  );
  w.func(
    'should_failslab',
    w.prototype(t.int, [
      ['s', w.pointer(cache)],
      ['gfpflags', t.gfp],
    ]),
  );
}

/** Size of `struct box`. */
export const BOX_SIZE = 144;

function boxType(w: BtfWriter, t: Basic): void {
  const inner = w.composite('struct', 'inner', 16, [
    ['a', t.int, 0],
    ['b', t.u64, 64],
  ]);
  const text = w.array(t.char, 16);
  const numbers = w.array(t.int, 4);
  const user = w.pointer(w.typeTag('user', t.char));
  // The pointer type comes before the box, which has a member of that type.
  const pointer = w.pointer(w.nextId + 1);
  const box = w.composite('struct', 'box', BOX_SIZE, [
    ['c', t.char, 0],
    ['sc', t.schar, 8],
    ['us', t.ushort, 16],
    ['i', t.int, 32],
    ['u', t.uint, 64],
    ['flag', t.bool, 96],
    ['s', t.short, 112],
    ['l', t.long, 128],
    ['ul', t.u64, 192],
    ['text', text, 256],
    ['numbers', numbers, 384],
    ['inner', inner, 512],
    ['low', t.uint, 640, 3],
    ['signed_bits', t.int, 643, 7],
    ['straddling', t.u64, 650, 40],
    ['one', t.bool, 690, 1],
    ['half', t.u64, 704, 32],
    ['real', t.double, 768],
    ['wide', t.wide, 832],
    ['user', user, 960],
    ['next', pointer, 1024],
  ]);
  w.func(
    'probe',
    w.prototype(t.int, [
      ['p', pointer],
      ['q', w.pointer(w.typeTag('user', box))],
      ['n', t.int],
      ['x', t.ulong],
      ['m', t.uchar],
      ['k', t.short],
      ['yes', t.bool],
      ['z', t.long],
    ]),
  );
}
