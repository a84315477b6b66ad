import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import type { ClusterAccess } from './cluster-access.js';
import {
  type ClusterEntry,
  type Kubeconfig,
  loadKubeconfig,
  type Named,
  type UserEntry,
} from './kubeconfig-file.js';
import { kubectlProxyAccess } from './kubectl-proxy.js';

/**
 * The supported fields. Users and clusters with any other field (`exec`, `auth-provider`, `as`) are left to kubectl.
 */
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
  /**
   * Files to merge, the first definition wins; all must exist. When not given, those of `KUBECONFIG` that exist, else
   * `~/.kube/config`.
   */
  readonly files?: readonly string[] | undefined;
  /** The current context of the files when not given. */
  readonly context?: string | undefined;
}

/**
 * Access as a kubeconfig describes it. Certificates, tokens and passwords are used directly; for every other way to log
 * in a `kubectl proxy` on a private Unix socket is used, until `close()`.
 *
 * @throws OrdealError ORD-803 if the files are missing, name no such context, or kubectl is needed and fails
 */
export async function kubeconfigAccess(options: KubeconfigOptions = {}): Promise<ClusterAccess> {
  const files = options.files ?? defaultFiles();
  const configs = await Promise.all(
    files.map(async (file) => ({ file, config: await loadKubeconfig(file) })),
  );
  const { context, namespace, cluster, user } = chosenEntries(configs, options.context);
  const others = Object.keys(user?.entry.user ?? {}).filter((field) => !OWN_USER_FIELDS.includes(field));
  if (others.length > 0 || cluster.entry.cluster['proxy-url'] !== undefined) {
    return { ...(await kubectlProxyAccess(files, context)), namespace };
  }
  const access = await directAccess(
    { file: cluster.file, fields: cluster.entry.cluster },
    { file: user?.file ?? '.', fields: user?.entry.user ?? {} },
  );
  return { ...access, namespace };
}

/** The entries that a context refers to, each with its file. @throws OrdealError ORD-803 */
export function chosenEntries(
  configs: readonly { readonly file: string; readonly config: Kubeconfig }[],
  wanted: string | undefined,
) {
  const files = configs.map(({ file }) => file);
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
  const context = wanted ?? current;
  if (context === undefined) throw new OrdealError('ORD-803', `${files.join(', ')}: no current-context`);
  const {
    cluster: clusterName,
    user: userName,
    namespace,
  } = find('context', context, (config) => config.contexts).entry.context;
  const cluster = find('cluster', clusterName, (config) => config.clusters);
  const user = userName === undefined ? undefined : find('user', userName, (config) => config.users);
  return { context, namespace, cluster, user };
}

/** As in kubectl: files in KUBECONFIG that do not exist are ignored. */
function defaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  const files = named.length > 0 ? named : [join(homedir(), '.kube/config')];
  const existing = files.filter((file) => existsSync(file));
  if (existing.length > 0) return existing;
  const hint =
    named.length > 0
      ? 'KUBECONFIG names it; correct that, or name another file with --kubeconfig.'
      : 'Name one with --kubeconfig FILE or KUBECONFIG.';
  throw new OrdealError('ORD-803', `there is no kubeconfig: ${files.join(', ')} does not exist`, { hint });
}

interface Located<T> {
  readonly file: string;
  readonly fields: T;
}

/** Access with the entries' own credentials. @throws OrdealError ORD-803 */
export async function directAccess(
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
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(insecure ? { rejectUnauthorized: false } : {}),
  };
  return {
    server: new URL(server),
    tls: async () => tls,
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
