import type { BootOptions, RunResult } from './vm.js';

/**
 * Boots a VM and gives the user's terminal a shell in it; the VM ends with the shell.
 * Standard input and output of this process must be a terminal.
 */
export async function openShell(
  _options: Omit<BootOptions, 'terminal'>,
  _argv: readonly string[] = ['/bin/bash', '-i'],
): Promise<RunResult> {
  throw new Error('not yet');
}
