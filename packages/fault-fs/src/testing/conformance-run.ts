import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What each case saw, by name. */
export type Observations = { readonly [name: string]: unknown };

/**
 * Runs the conformance cases below a directory in a process of its own.
 *
 * @param cases the program of compilePosixProgram
 * @param pattern a regular expression for the names of cases
 * @param hang called when they take too long, to free a process that waits in the kernel
 */
export async function runCases(
  directory: string,
  cases: string,
  pattern: string,
  hang: () => void,
): Promise<Observations> {
  mkdirSync(directory);
  const program = fileURLToPath(new URL('../conformance/run.js', import.meta.url));
  const child = spawn(process.execPath, [program, directory, cases, pattern], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const timer = setTimeout(() => {
    errors += 'the cases hung\n';
    hang();
    child.kill('SIGKILL');
  }, 60_000);
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  if (errors !== '') throw new Error(errors);
  return JSON.parse(output) as Observations;
}
