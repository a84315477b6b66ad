import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { parse } from 'yaml';
import type { ClusterAccess } from './cluster-access.js';
import { kubectlProxyAccess } from './kubectl-proxy.js';

/** The fields of a kubeconfig that are read here. Paths in it are relative to its own file. */
interface Kubeconfig {
  readonly clusters?: readonly Named<'cluster', ClusterEntry>[];
  readonly users?: readonly Named<'user', UserEntry>[];
  readonly contexts?: readonly Named<'context', { readonly cluster: string; readonly user?: string }>[];
  readonly 'current-context'?: string;
}

type Named<K extends string, T> = { readonly name: string } & { readonly [key in K]: T };

interface ClusterEntry {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
}

interface UserEntry {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
}

/** What can be done here. Users and clusters with any other field (`exec`, `auth-provider`, `as`) are left to kubectl. */
const OWN_USER_FIELDS = [
  'token',
  'tokenFile',
  'username',
  'password',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
];

export interface KubeconfigOptions {
  /** Files to merge, the first to name a thing wins; `KUBECONFIG`, else `~/.kube/config`, when not given. */
  readonly files?: readonly string[];
  /** The current context of the files when not given. */
  readonly context?: string;
}

/**
 * Access as a kubeconfig describes it. Certificates, tokens and passwords are used directly; for every other way to log in
 * a `kubectl proxy` on a private Unix socket stands between, until `close()`.
 *
 * @throws OrdealError ORD-803 where the files are missing, name no such context, or kubectl is needed and fails
 */
export async function kubeconfigAccess(options: KubeconfigOptions = {}): Promise<ClusterAccess> {
  const files = options.files ?? defaultFiles();
  const configs = await Promise.all(files.map(async (file) => ({ file, config: await load(file) })));
  const find = <K extends string, T>(
    what: string,
    name: string,
    pick: (config: Kubeconfig) => readonly Named<K, T>[] | undefined,
  ) => {
    for (const { file, config } of configs) {
      const entry = pick(config)?.find((candidate) => candidate.name === name);
      if (entry !== undefined) return { file, entry };
    }
    throw new OrdealError('ORD-803', `${files.join(', ')}: there is no ${what} '${name}'`);
  };
  const current = configs.map(({ config }) => config['current-context']).find(Boolean);
  const context = options.context ?? current;
  if (context === undefined) throw new OrdealError('ORD-803', `${files.join(', ')}: no current-context`);
  const { cluster: clusterName, user: userName } = find('context', context, (config) => config.contexts).entry
    .context;
  const cluster = find('cluster', clusterName, (config) => config.clusters);
  const user = userName === undefined ? undefined : find('user', userName, (config) => config.users);
  const others = Object.keys(user?.entry.user ?? {}).filter((field) => !OWN_USER_FIELDS.includes(field));
  if (others.length > 0 || cluster.entry.cluster['proxy-url'] !== undefined) {
    return kubectlProxyAccess(files, context);
  }
  return directAccess(
    { file: cluster.file, fields: cluster.entry.cluster },
    { file: user?.file ?? '.', fields: user?.entry.user ?? {} },
  );
}

function defaultFiles(): string[] {
  const files = (process.env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  return files.length > 0 ? files : [join(homedir(), '.kube/config')];
}

async function load(file: string): Promise<Kubeconfig> {
  try {
    const config: unknown = parse(await readFile(file, 'utf8')) ?? {};
    checkShape(config);
    return config as Kubeconfig;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrdealError('ORD-803', `${file} cannot be read: ${why}`, { cause });
  }
}

const LISTS = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;

/** @throws Error that says what is not as it should be */
function checkShape(config: unknown): void {
  if (!isMap(config)) throw new Error('it is no map');
  for (const [list, key] of Object.entries(LISTS)) {
    const entries = config[list] ?? [];
    if (!Array.isArray(entries)) throw new Error(`${list} is no list`);
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

interface Located<T> {
  readonly file: string;
  readonly fields: T;
}

async function directAccess(
  cluster: Located<ClusterEntry>,
  user: Located<UserEntry>,
): Promise<ClusterAccess> {
  const { server, 'tls-server-name': servername, 'insecure-skip-tls-verify': insecure } = cluster.fields;
  if (server === undefined || !URL.canParse(server)) {
    throw new OrdealError('ORD-803', `${cluster.file}: '${server ?? ''}' is not the URL of a server`);
  }
  const ca = await pem(cluster, 'certificate-authority');
  const cert = await pem(user, 'client-certificate');
  const key = await pem(user, 'client-key');
  return {
    server: new URL(server),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(servername === undefined ? {} : { servername }),
      ...(insecure ? { rejectUnauthorized: false } : {}),
    },
    authorization: () => authorizationOf(user),
    close() {},
  };
}

async function pem<K extends string>(
  { file, fields }: Located<{ readonly [key in K | `${K}-data`]?: string }>,
  name: K,
): Promise<string | undefined> {
  const data = fields[`${name}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64').toString();
  const path = fields[name];
  return path === undefined ? undefined : readBeside(file, path);
}

async function authorizationOf({ file, fields }: Located<UserEntry>): Promise<string | undefined> {
  const { token, tokenFile, username, password = '' } = fields;
  if (tokenFile !== undefined) return `Bearer ${(await readBeside(file, tokenFile)).trim()}`;
  if (token !== undefined) return `Bearer ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function readBeside(file: string, path: string): Promise<string> {
  const whole = resolve(dirname(file), path);
  try {
    return await readFile(whole, 'utf8');
  } catch (cause) {
    throw new OrdealError('ORD-803', `${whole}, which ${file} names, cannot be read`, { cause });
  }
}
