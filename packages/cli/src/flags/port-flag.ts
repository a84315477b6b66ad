import { OrdealError } from '@ordeal/diagnostics';

/** A TCP port from a flag; 0 is one that is free. @throws OrdealError ORD-901 */
export function portFlag(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535)
    throw new OrdealError('ORD-901', `--port: '${text}' is not a port, a number from 0 to 65535`);
  return port;
}
