import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

const program = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));

/** No run of a test takes longer, in milliseconds. */
const LIMIT = 120_000;

/** One line of `--json`. */
export interface SaidEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One `ordeal run FILE --json …`, or replay, as a user starts it. Its journals are apart from those of other runs. */
export class OrdealRun {
  readonly events: SaidEvent[] = [];
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Where its journals are. */
  readonly state: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
  readonly #child: ChildProcess;
  #text = '';
  #over = false;

  /**
   * @param documents the text of the file, which is a record for `replay`
   * @param flags what follows `ordeal run FILE --json`
   * @param wrapper a command that runs ordeal: it gets the command line of ordeal behind its own words
   */
  constructor(
    documents: string,
    flags: readonly string[],
    wrapper: readonly string[] = [],
    command: 'run' | 'replay' = 'run',
  ) {
    const file = join(this.#directory, 'io.yaml');
    this.state = join(this.#directory, 'run');
    mkdirSync(this.state);
    writeFileSync(file, documents);
    const line = [...wrapper, process.execPath, program, command, file, '--json', ...flags];
    this.#child = spawn(line[0] ?? '', line.slice(1), {
      env: { ...process.env, ORDEAL_RUN: this.state },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (!stdout || !stderr) throw new Error('no output');
    createInterface({ input: stdout }).on('line', (text) => this.#hear(text));
    stderr.on('data', (data: Buffer) => {
      this.#text += data.toString();
    });
    const guard = setTimeout(() => this.#child.kill('SIGKILL'), LIMIT);
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      clearTimeout(guard);
      this.#over = true;
      return code ?? signal;
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What went to the standard error, and to the standard output if it was no event. */
  get text(): string {
    return this.#text;
  }

  /** Waits until an event of a type was printed `times` times. */
  async told(type: string, times = 1): Promise<SaidEvent> {
    const found = () => this.all(type);
    await eventually(`${type} of ${this.#text}`, () => found().length >= times || this.#over);
    const event = found()[times - 1];
    assert.ok(event, `no ${type}: ${JSON.stringify(this.events)} ${this.#text}`);
    return event;
  }

  all(type: string): SaidEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Fails where a journal or a process of this run is left. */
  async assertNothingLeft(): Promise<void> {
    await eventually('its processes end', () => this.#processes().length === 0);
    assert.deepEqual(this.#journals(), []);
  }

  close(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #hear(line: string): void {
    try {
      this.events.push(JSON.parse(line) as SaidEvent);
    } catch {
      this.#text += `${line}\n`;
    }
  }

  #journals(): string[] {
    try {
      return readdirSync(join(this.state, 'io'));
    } catch {
      return [];
    }
  }

  /** Keepers, servers and movers inherit the directory of the journals by their environment. */
  #processes(): string[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => environmentOf(pid).includes(`ORDEAL_RUN=${this.state}\0`));
  }
}

function environmentOf(pid: string): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
  } catch {
    return '';
  }
}

/** A Schedule of IOChaos, every two seconds. */
export function ioSchedule(spec: string): string {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: now-and-then}
spec:
  schedule: '@every 2s'
  type: IOChaos
  historyLimit: 1
  concurrencyPolicy: Forbid
  ioChaos:
    mode: one
    selector: {labelSelectors: {app: writer}}
${spec.trim().replaceAll(/^/gm, '    ')}
`;
}

/** An IOChaos document with its spec in flow or block style, indented not at all. */
export function ioChaos(spec: string, name = 'faults'): string {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: ${name}}
spec:
  mode: one
  selector: {labelSelectors: {app: writer}}
${spec.trim().replaceAll(/^/gm, '  ')}
`;
}
