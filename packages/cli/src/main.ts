import type { CommanderError } from 'commander';
import { EXIT } from './exit-code.js';
import { outputFor } from './output/output.js';
import { buildProgram } from './program.js';

/**
 * Runs one command line, without the program's own name. All output is flushed when it returns.
 *
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const exitCode = await interpret(argv);
  for (const stream of [process.stdout, process.stderr]) await flushed(stream);
  return exitCode;
}

async function interpret(argv: readonly string[]): Promise<number> {
  const output = outputFor(process, process.env);
  // The reader of the output may close the pipe; a run must still end cleanly.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const command = end < 0 ? undefined : argv.slice(end + 1);
  // Of its own for tests that must not meet each other's faults.
  const runDirectory = process.env.ORDEAL_RUN ?? '/run/ordeal';
  let exitCode: number = EXIT.ok;
  const program = buildProgram({ output, command, runDirectory }, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(own, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { errorAsData, exitCodeOf, renderError } = await import('./render/error.js');
    if (own.includes('--json')) output.out.write(`${JSON.stringify(errorAsData(error))}\n`);
    output.err.write(renderError(error, output.err, process.env.ORDEAL_DEBUG === '1'));
    return exitCodeOf(error);
  }
}

/** Thrown by commander after it has printed everything itself. */
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

/** Output that a full pipe does not accept is written later, and would be lost at exit. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
