import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import type { ClusterAccess } from './cluster-access.js';

/** Where the kubelet puts a pod's service account. */
const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews the token well before it expires. */
const TOKEN_MS = 60_000;

/**
 * Access of a pod by its own service account.
 *
 * @param environment with `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT`
 * @throws OrdealError ORD-803 outside of a pod
 */
export async function inClusterAccess(
  environment: NodeJS.ProcessEnv = process.env,
  directory = DIRECTORY,
): Promise<ClusterAccess> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === undefined) {
    throw new OrdealError(
      'ORD-803',
      'this process does not run in a pod: KUBERNETES_SERVICE_HOST is not set',
    );
  }
  const ca = await read(join(directory, 'ca.crt'));
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    tls: { ca },
    async authorization() {
      if (performance.now() - readAt > TOKEN_MS) {
        token = (await read(join(directory, 'token'))).trim();
        readAt = performance.now();
      }
      return `Bearer ${token}`;
    },
    close() {},
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new OrdealError('ORD-803', `${file} of the service account cannot be read`, { cause });
  }
}
