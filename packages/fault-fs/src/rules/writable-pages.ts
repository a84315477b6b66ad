import { READ, type Request, readRead } from '@ordeal/fuse';
import type { Volume } from '../volume.js';

/**
 * Whether a READ fills page-cache pages that a program may change: the kernel writes back whole pages, so a damaged one
 * would damage the file. Reads that bypass the page cache name a lock owner (fuse_direct_io(), fs/fuse/file.c).
 *
 * A file can only be mapped shared and writable through a description opened for reading and writing. Opening one drops
 * the pages that were there before, or waits until they are filled and then drops them (fuse_open(), fs/fuse/file.c).
 */
export function fillsWritablePages(volume: Volume, request: Request): boolean {
  if ((readRead(request).readFlags & READ.LOCKOWNER) !== 0) return false;
  return (volume.nodeOf(request)?.readWriteOpens ?? 0) > 0;
}
