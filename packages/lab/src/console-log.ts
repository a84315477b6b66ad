import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './paths.js';

const TAIL_BYTES = 8192;
const KEPT_LOGS = 20;
let lastNumber = 0;

/** A path for a new VM's console log in the cache; all but a few older logs are removed. */
export async function newLogPath(): Promise<string> {
  const directory = join(cacheDirectory(), 'logs');
  await mkdir(directory, { recursive: true });
  const names = (await readdir(directory)).filter((name) => name.startsWith('vm-')).sort();
  for (const name of names.slice(0, Math.max(0, names.length - KEPT_LOGS + 1))) {
    await rm(join(directory, name), { force: true });
  }
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return join(directory, `vm-${time}-${process.pid}-${++lastNumber}.log`);
}

/** The last lines of a console log, without blank ones; empty when it cannot be read. */
export async function lastConsoleLines(path: string, count = 12): Promise<string[]> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
      return tailLines(buffer.toString('utf8', 0, bytesRead), count);
    } finally {
      await file.close();
    }
  } catch {
    return [];
  }
}

/**
 * The last lines of a text that are not empty, without terminal control characters. A kernel panic's registers
 * and stack follow its reason: the reason is then the last line.
 */
export function tailLines(text: string, count: number): string[] {
  const clean = text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1bc|\r/g, '');
  const lines = clean.split('\n').filter((line) => line.trim() !== '');
  const panic = lines.findIndex((line) => line.includes('Kernel panic'));
  return (panic < 0 ? lines : lines.slice(0, panic + 1)).slice(-count);
}
