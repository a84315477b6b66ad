// Files created, looked at and unlinked a second of CPU time, the client's and the server's together.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from '../../scripts/step.mjs';
import { bound } from './cpus.mjs';

const FILES = 1000;
export const PHASES = ['create', 'stat', 'unlink'];

/** @returns {string} the client */
export function buildMetadata(scratch) {
  const program = join(scratch, 'metadata');
  execFileSync('gcc', ['-O2', '-o', program, fileURLToPath(new URL('metadata.c', import.meta.url))]);
  return program;
}

/**
 * @param {string} program
 * @param {import('./servers.mjs').Served} server
 * @param {number} seconds
 * @param {string} [phase] that alone, and once: the others must be run before and after it
 * @returns {Promise<{ [phase: string]: { value: number, count: number } }>}
 */
export async function runMetadata(program, { path, pid }, seconds, phase) {
  const options = [path, FILES, seconds * 1000, pid, ...(phase ? [PHASES.indexOf(phase)] : [])];
  const { code, output } = await capture(bound([program, ...options.map(String)]));
  if (code !== 0) throw new Error(`the metadata client failed below ${path}:\n${output}`);
  const lines = output
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return Object.fromEntries(
    lines.map(([name, done, nanoseconds]) => [
      name,
      { value: (Number(done) / Number(nanoseconds)) * 1e9, count: Number(done) },
    ]),
  );
}
