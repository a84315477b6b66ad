import { OrdealError } from '@ordeal/diagnostics';
import type { DiskSpec } from '@ordeal/lab';

const MIB: Readonly<Record<string, number>> = { '': 1, M: 1, MiB: 1, G: 1024, GiB: 1024 };
const MAX_MIB = 1024 * 1024;

/** `64`, `64M`, `2GiB` → mebibytes. @throws OrdealError ORD-901 */
export function diskSize(text: string): DiskSpec {
  const [, number = '', unit = ''] = /^(\d{1,7})(M|MiB|G|GiB)?$/.exec(text) ?? [];
  const sizeMiB = Number(number) * (MIB[unit] ?? 0);
  if (sizeMiB < 1 || sizeMiB > MAX_MIB) {
    throw new OrdealError('ORD-901', `--disk: '${text}' is not a size; write 64M or 2G`);
  }
  return { sizeMiB };
}
