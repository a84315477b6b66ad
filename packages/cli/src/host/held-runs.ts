import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import { RUN_DIRECTORY } from '@ordeal/io-chaos';
import { type AskOptions, ask, type Requests, type RunStatus, type RunWithHistory } from '@ordeal/supervisor';
import { requireRoot } from './require-root.js';

type Watching = Omit<AskOptions, 'directory'>;

/** Sends a request to the supervisor of this machine. @throws OrdealError ORD-502, and what {@link ask} throws */
export async function askSupervisor<K extends keyof Requests>(
  request: K,
  takes: Requests[K]['takes'],
  options: Watching = {},
): Promise<Requests[K]['gives'] | undefined> {
  requireRoot('Detached runs');
  return ask(request, takes, { directory: RUN_DIRECTORY, ...options });
}

/** All runs, also those that have ended. If there never was one, no supervisor is started. */
export async function listRuns(): Promise<readonly RunStatus[]> {
  requireRoot('Detached runs');
  return holdsAny() ? ((await askSupervisor('list', {})) ?? []) : [];
}

/** The same with their faults over time. */
export async function listHistories(): Promise<readonly RunWithHistory[]> {
  requireRoot('Detached runs');
  return holdsAny() ? ((await askSupervisor('histories', {})) ?? []) : [];
}

/** One of them. @throws OrdealError ORD-856 */
export async function findHistory(name: string): Promise<RunWithHistory> {
  const runs = await listHistories();
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
export async function namesOrAll(names: readonly string[], all: boolean): Promise<readonly string[]> {
  if (all === names.length > 0)
    throw new OrdealError('ORD-901', 'Give the names of runs, or --all', { hint: 'See ordeal ps.' });
  if (!all) return names;
  return (await listRuns()).filter(({ ended }) => !ended).map(({ name }) => name);
}

function holdsAny(): boolean {
  try {
    return readdirSync(join(RUN_DIRECTORY, 'runs')).some((name) => name.endsWith('.json'));
  } catch {
    return false;
  }
}
