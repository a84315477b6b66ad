import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DiskSpec } from './vm.js';

/**
 * Opens a sparse file of the disk's size without a name: its space is freed when the last descriptor
 * is closed, however the processes end. The caller closes the handle.
 */
export async function openScratchDisk(spec: DiskSpec): Promise<FileHandle> {
  const path = join(tmpdir(), `ordeal-scratch-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  await file.truncate(spec.sizeMiB * 1024 * 1024);
  return file;
}
