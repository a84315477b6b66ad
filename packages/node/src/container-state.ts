import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What the runtime that started a container keeps about it. */
export interface ContainerState {
  readonly id: string;
  /** Process id of its first process, in this host's procfs. */
  readonly pid: number;
  readonly annotations: { readonly [key: string]: string };
}

/** The containers below a runtime's state directory: one in each directory, or in a namespace's directory below it. */
export function statesBelow(root: string): ContainerState[] {
  return entries(root).flatMap((name) => {
    const directory = join(root, name);
    const own = stateIn(directory);
    if (own) return [own];
    return entries(directory).flatMap((each) => stateIn(join(directory, each)) ?? []);
  });
}

function stateIn(directory: string): ContainerState | undefined {
  return stateOfRunc(directory) ?? stateOfCrun(directory);
}

/** One file, `state.json`. Annotations are in `config.labels`, as `key=value`. */
function stateOfRunc(directory: string): ContainerState | undefined {
  const state = readJson(join(directory, 'state.json')) as
    | {
        readonly id?: string;
        readonly init_process_pid?: number;
        readonly config?: { readonly labels?: string[] };
      }
    | undefined;
  if (state?.id === undefined || state.init_process_pid === undefined) return undefined;
  const annotations = Object.fromEntries((state.config?.labels ?? []).map(pair));
  return { id: state.id, pid: state.init_process_pid, annotations };
}

/** The directory is named by the id. The pid is in `status`, the annotations in the copy of the bundle's `config.json`. */
function stateOfCrun(directory: string): ContainerState | undefined {
  const status = readJson(join(directory, 'status')) as { readonly pid?: number } | undefined;
  if (status?.pid === undefined) return undefined;
  const config = readJson(join(directory, 'config.json')) as
    | { readonly annotations?: { readonly [key: string]: string } }
    | undefined;
  return { id: basename(directory), pid: status.pid, annotations: config?.annotations ?? {} };
}

/** `key=value`; the value may contain `=`. */
function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Undefined for what is missing, unreadable or half written: the container is not there (any more). */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
