import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import type { ClusterAccess } from './cluster-access.js';

/** Characters of kubectl's output that are kept. */
const COMPLAINT_LENGTH = 2000;

/**
 * Access through a `kubectl proxy` of our own on a Unix socket that only this user can reach: kubectl supports every
 * way to log in, and renews expired credentials.
 *
 * @throws OrdealError ORD-803 if kubectl is missing or exits
 */
export async function kubectlProxyAccess(files: readonly string[], context: string): Promise<ClusterAccess> {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-kubectl-'));
  const socketPath = join(directory, 'socket');
  const child = spawn('kubectl', ['proxy', `--unix-socket=${socketPath}`, `--context=${context}`], {
    env: { ...process.env, KUBECONFIG: files.join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const close = () => {
    process.off('exit', close);
    child.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', close);
  let complaint = '';
  // It continues to write a line for each failed request, which is not read.
  child.stderr.on('data', (chunk) => (complaint = (complaint + chunk).slice(-COMPLAINT_LENGTH)));
  try {
    // It announces the socket once it listens.
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('error', (error) => reject(new Error(`kubectl cannot be started: ${error.message}`)));
      child.once('close', () => reject(new Error(complaint.trim() || 'it ended')));
    });
  } catch (cause) {
    close();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrdealError('ORD-803', `context '${context}' needs kubectl to log in: ${why}`, { cause });
  }
  child.unref();
  return {
    server: new URL('http://localhost'),
    socketPath,
    tls: async () => ({}),
    authorization: async () => undefined,
    close,
  };
}
