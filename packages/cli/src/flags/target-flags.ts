import { OrdealError } from '@ordeal/diagnostics';
import type { TargetChoice } from '@ordeal/node';

/** The flags that choose a target, as they were given. */
export interface TargetFlags {
  readonly pid?: string;
  readonly cgroup?: string;
  readonly container?: string;
}

/**
 * The flags that choose something that is already running: at most one target.
 *
 * @throws OrdealError ORD-309, ORD-901
 */
export function runningTarget(flags: TargetFlags): TargetChoice | undefined {
  return Object.values(flags).some((flag) => flag !== undefined) ? targetChoice(flags, undefined) : undefined;
}

/** The one target of a command line. @throws OrdealError ORD-309 for none or several, ORD-901 for a bad pid */
export function targetChoice(flags: TargetFlags, command: readonly string[] | undefined): TargetChoice {
  const choices: TargetChoice[] = [];
  if (flags.pid !== undefined) choices.push({ kind: 'pid', pid: pidFlag(flags.pid) });
  if (flags.cgroup !== undefined) choices.push({ kind: 'cgroup', path: flags.cgroup });
  if (flags.container !== undefined) {
    choices.push(
      flags.container === 'selector' ? { kind: 'selector' } : { kind: 'container', id: flags.container },
    );
  }
  if (command !== undefined) choices.push({ kind: 'command', command });
  const [only, ...others] = choices;
  if (only === undefined) {
    throw new OrdealError('ORD-309', 'There is no target: on one host, flags choose it', {
      detail: [
        '--pid N                a running process and its children',
        '--cgroup PATH          a cgroup v2 directory and those below it',
        '--container NAME       a running container, by id or name',
        '--container selector   the running containers that the document’s selector and mode choose',
        '-- CMD ARGS…           a command that is started for the run, and its children',
      ],
      hint: 'Give one of them.',
    });
  }
  if (others.length > 0) {
    const names = choices.map(({ kind }) => (kind === 'command' ? '-- CMD' : `--${kind}`)).join(' and ');
    throw new OrdealError('ORD-309', `${names} cannot be combined: a run has one target`);
  }
  if (only.kind === 'command' && only.command.length === 0) {
    throw new OrdealError('ORD-309', 'There is no command after --');
  }
  return only;
}

function pidFlag(text: string): number {
  const pid = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (pid === 0) throw new OrdealError('ORD-901', `--pid: '${text}' is not a process id`);
  return pid;
}
