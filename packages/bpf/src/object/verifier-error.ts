import { errnoName } from '@ordeal/linux';
import { BpfError } from '../bpf-error.js';

/** The kernel refused to load a program. `message` ends with the verifier's useful line; `log` is its whole log. */
export class VerifierError extends BpfError {
  readonly program: string;
  /** Positive. */
  readonly errno: number;
  readonly log: string;

  constructor(program: string, errno: number, log: string) {
    const useful = usefulLines(log);
    const why = useful.at(-1);
    super('ORD-404', `BPF program ${program}: ${errnoName(errno)}${why ? `: ${why}` : ''}`, {
      detail: useful.slice(0, -1),
    });
    this.name = 'VerifierError';
    this.program = program;
    this.errno = errno;
    this.log = log;
  }
}

/** Lines of statistics below the error. */
const STATISTICS = /^(processed \d+ insns|verification time|stack depth|max_states|\s*$)/;

/** The error itself, which is the last line without statistics, preceded by its instruction. */
export function usefulLines(log: string): string[] {
  const lines = log
    .replace(/\0[\s\S]*$/, '')
    .split('\n')
    .filter((line) => !STATISTICS.test(line));
  const complaint = lines.at(-1);
  if (complaint === undefined) return [];
  const instruction = lines.slice(0, -1).findLast((line) => /^\d+: \(/.test(line));
  return instruction === undefined ? [complaint] : [instruction, complaint];
}
