import { readFile } from 'node:fs/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { parse } from 'yaml';

/** The fields of a kubeconfig that are read here. Paths in it are relative to its own file. */
export interface Kubeconfig {
  readonly clusters?: readonly Named<'cluster', ClusterEntry>[];
  readonly users?: readonly Named<'user', UserEntry>[];
  readonly contexts?: readonly Named<'context', ContextEntry>[];
  readonly 'current-context'?: string;
}

export type Named<K extends string, T> = { readonly name: string } & { readonly [key in K]: T };

export interface ClusterEntry {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

export interface ContextEntry {
  readonly cluster: string;
  readonly user?: string;
  readonly namespace?: string;
}

export interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
}

/** @throws OrdealError ORD-803 if the file cannot be read or is not a kubeconfig */
export async function loadKubeconfig(file: string): Promise<Kubeconfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
  return parseKubeconfig(text, file);
}

/** @param name the text's name in messages. @throws OrdealError ORD-803 if it is not a kubeconfig */
export function parseKubeconfig(text: string, name: string): Kubeconfig {
  try {
    const config: unknown = parse(text) ?? {};
    checkShape(config);
    return config as Kubeconfig;
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: string, cause: unknown): OrdealError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new OrdealError('ORD-803', `${name} cannot be read: ${why}`, { cause });
}

const LISTS = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;

/** @throws Error with the first invalid field */
function checkShape(config: unknown): void {
  if (!isMap(config)) throw new Error('it is not a map');
  for (const [list, key] of Object.entries(LISTS)) {
    const entries = config[list] ?? [];
    if (!Array.isArray(entries)) throw new Error(`${list} is not a list`);
    for (const [index, entry] of entries.entries()) {
      // kubectl writes `user: null` for a user without credentials.
      const fields = isMap(entry) ? (entry[key] ?? (key === 'user' ? {} : undefined)) : undefined;
      if (!isMap(fields)) throw new Error(`${list}[${index}] has no ${key}`);
    }
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
