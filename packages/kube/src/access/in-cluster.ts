import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import type { ClusterAccess } from './cluster-access.js';

/** Where the kubelet puts a pod's service account. */
const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews the token, and the certificate if it changes, well before the old one expires. */
const KEPT_MS = 60_000;

/**
 * Access of a pod by its own service account.
 *
 * @param environment with `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`
 * @param keptMs how long the files' content is cached
 * @throws OrdealError ORD-803 outside of a pod
 */
export async function inClusterAccess(
  environment: NodeJS.ProcessEnv = process.env,
  directory = DIRECTORY,
  keptMs = KEPT_MS,
): Promise<ClusterAccess> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined) {
    throw new OrdealError(
      'ORD-803',
      'this process does not run in a pod: KUBERNETES_SERVICE_HOST is not set',
    );
  }
  const ca = await keptFile(join(directory, 'ca.crt'), keptMs);
  const token = await keptFile(join(directory, 'token'), keptMs);
  const namespace = await read(join(directory, 'namespace')).catch(() => undefined);
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    tls: async () => ({ ca: await ca() }),
    namespace: namespace?.trim(),
    authorization: async () => `Bearer ${(await token()).trim()}`,
    close() {},
  };
}

/** The content of a file, reread at intervals. @throws OrdealError ORD-803 if it cannot be read at first */
async function keptFile(file: string, keptMs: number): Promise<() => Promise<string>> {
  let text = await read(file);
  let readAt = performance.now();
  return async () => {
    if (performance.now() - readAt > keptMs) {
      text = await read(file);
      readAt = performance.now();
    }
    return text;
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new OrdealError('ORD-803', `${file} of the service account cannot be read`, { cause });
  }
}
