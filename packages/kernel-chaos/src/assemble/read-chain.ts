import { FP, type Label, type ProgramBuilder, R0, R1, R2, R3, type Width } from '@ordeal/bpf';

/** Stack slot that pointers are read into. */
const SLOT = -24;

/**
 * Follows pointers through kernel memory: R3 = *(…*(*(R3 + offsets[0]) + offsets[1])…). Every step is a safe read;
 * a bad or null pointer jumps to `fault`. R0 to R2 are lost.
 *
 * @param last width of the final read; the others read pointers
 */
export function readChain(
  builder: ProgramBuilder,
  offsets: readonly number[],
  last: Width,
  fault: Label,
): ProgramBuilder {
  offsets.forEach((offset, index) => {
    const width = index === offsets.length - 1 ? last : 'u64';
    const bytes = { u8: 1, u16: 2, u32: 4, u64: 8 }[width];
    builder
      .aluImmediate('add', R3, offset)
      .mov(R1, FP)
      .aluImmediate('add', R1, SLOT)
      .constant(R2, bytes)
      .call('probe_read_kernel')
      .jumpImmediate('ne', R0, 0, fault)
      .load(width, R3, FP, SLOT);
  });
  return builder;
}
