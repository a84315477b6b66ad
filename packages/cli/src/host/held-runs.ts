import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import { type AskOptions, ask, type Requests, type RunStatus, type RunWithHistory } from '@ordeal/supervisor';
import { requireRoot } from './require-root.js';

type Watching = Omit<AskOptions, 'directory'>;

/** The detached runs of this machine. */
export class HeldRuns {
  readonly #runDirectory: string;

  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory;
  }

  /** Sends a request to their supervisor. @throws OrdealError ORD-502, and what {@link ask} throws */
  async ask<K extends keyof Requests>(
    request: K,
    takes: Requests[K]['takes'],
    options: Watching = {},
  ): Promise<Requests[K]['gives'] | undefined> {
    requireRoot('Detached runs');
    return ask(request, takes, { directory: this.#runDirectory, ...options });
  }

  /** All of them, also those that have ended. If there never was one, no supervisor is started. */
  async list(): Promise<readonly RunStatus[]> {
    requireRoot('Detached runs');
    return this.#any ? ((await this.ask('list', {})) ?? []) : [];
  }

  /** The same with their faults over time. */
  async histories(): Promise<readonly RunWithHistory[]> {
    requireRoot('Detached runs');
    return this.#any ? ((await this.ask('histories', {})) ?? []) : [];
  }

  /** One of them. @throws OrdealError ORD-856 */
  async history(name: string): Promise<RunWithHistory> {
    const runs = await this.histories();
    const found = runs.find((run) => run.name === name);
    if (found) return found;
    const near = nearestNames(
      name,
      runs.map((run) => run.name),
    );
    const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : 'See ordeal ps --all.';
    throw new OrdealError('ORD-856', `No run is called '${name}'`, { hint });
  }

  /** The names of a command line, or with `--all` of all current runs. @throws OrdealError ORD-901 */
  async namesOrAll(names: readonly string[], all: boolean): Promise<readonly string[]> {
    if (all === names.length > 0)
      throw new OrdealError('ORD-901', 'Give the names of runs, or --all', { hint: 'See ordeal ps.' });
    if (!all) return names;
    return (await this.list()).filter(({ ended }) => !ended).map(({ name }) => name);
  }

  get #any(): boolean {
    try {
      return readdirSync(join(this.#runDirectory, 'runs')).some((name) => name.endsWith('.json'));
    } catch {
      return false;
    }
  }
}
