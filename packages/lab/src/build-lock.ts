import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './paths.js';

/** The lock for building in the cache. */
export interface BuildLock {
  /** Idempotent. */
  release(): Promise<void>;
}

/**
 * Takes the cache's build lock; undefined when another process holds it and `wait` is false, and when waiting was
 * aborted. A child process holds it as long as we keep its input open. It ends with this process, however that ends,
 * also while it still waits for the lock.
 */
export async function takeBuildLock(wait: boolean, signal?: AbortSignal): Promise<BuildLock | undefined> {
  await mkdir(cacheDirectory(), { recursive: true });
  const file = join(cacheDirectory(), 'build.lock');
  const flags = wait ? [] : ['--nonblock'];
  const holder = ['--pdeathsig', 'TERM', 'flock', '--no-fork', ...flags, file, 'cat'];
  const child = spawn('setpriv', holder, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  child.stdin.on('error', () => {});
  // cat runs only once flock has the lock: its echo is the proof.
  child.stdin.write('?');
  const held = new Promise<true>((resolve) => child.stdout.once('data', () => resolve(true)));
  const abandon = () => child.kill();
  signal?.addEventListener('abort', abandon);
  if (signal?.aborted) abandon();
  const taken = await Promise.race([held, ended]);
  signal?.removeEventListener('abort', abandon);
  if (!taken) return undefined;
  return {
    release: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
