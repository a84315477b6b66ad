import { OrdealError } from '@ordeal/diagnostics';

/** @throws OrdealError ORD-502 unless run as root */
export function requireRoot(what: string): void {
  if (process.getuid?.() !== 0) throw new OrdealError('ORD-502', `${what} needs root`);
}
