import type { CommanderError } from 'commander';
import { EXIT } from './exit-code.js';
import { outputFor } from './output/output.js';
import { buildProgram } from './program.js';

/**
 * Runs one command line, without the program's own name.
 *
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const output = outputFor(process, process.env);
  // Whoever reads our output may stop reading; a run must still end in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const command = end < 0 ? undefined : argv.slice(end + 1);
  let exitCode: number = EXIT.ok;
  const program = buildProgram({ output, command }, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(own, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { errorAsData, isUsageError, renderError } = await import('./render/error.js');
    if (own.includes('--json')) output.out.write(`${JSON.stringify(errorAsData(error))}\n`);
    output.err.write(renderError(error, output.err.paint, process.env.ORDEAL_DEBUG === '1'));
    return isUsageError(error) ? EXIT.usage : EXIT.failed;
  }
}

/** Thrown by commander after it has said everything itself. */
function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
