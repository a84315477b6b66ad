import { UnsupportedError } from '@ordeal/diagnostics';

/** @throws UnsupportedError ORD-606 when the lab cannot work on this kind of machine */
export function requireSupportedHost(platform: string = process.platform, arch: string = process.arch): void {
  if (platform === 'linux' && arch === 'x64') return;
  const message = `the lab builds and boots x86-64 kernels on Linux; this is ${platform} on ${arch}`;
  throw new UnsupportedError('ORD-606', 'an x86-64 Linux host', message);
}
