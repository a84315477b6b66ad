import { spawnSync } from 'node:child_process';
import { OrdealError } from '@ordeal/diagnostics';
import { bootVm } from './boot-vm.js';
import type { BootOptions, RunResult } from './vm.js';

/**
 * Boots a VM and gives the user's terminal a shell in it; the VM ends with the shell. There is no time limit unless
 * one is given.
 *
 * @throws OrdealError ORD-903 when standard input or output of this process is not a terminal, and what `bootVm` throws
 */
export async function openShell(
  options: Omit<BootOptions, 'terminal'>,
  argv: readonly string[] = ['/bin/bash', '-i'],
): Promise<RunResult> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new OrdealError('ORD-903', 'a shell in the VM needs a terminal for its input and output');
  }
  // QEMU sets the terminal to raw mode, and cannot restore it when it is killed.
  const saved = stty('-g');
  const timeouts = { lifetimeMs: 0, ...options.timeouts };
  try {
    await using vm = await bootVm({ ...options, timeouts, terminal: true });
    return await vm.runOnTerminal(argv, { env: { PS1: '\\[\\e[1m\\]lab\\[\\e[0m\\] \\w # ' } });
  } finally {
    if (saved !== '') stty(saved);
  }
}

function stty(argument: string): string {
  const { stdout } = spawnSync('stty', [argument], { stdio: ['inherit', 'pipe', 'ignore'], timeout: 2000 });
  return stdout?.toString().trim() ?? '';
}
