import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { KubeClient } from '../client.js';
import { connect } from '../connect.js';

const PROGRAM = fileURLToPath(
  new URL('../../../../scripts/cluster/serve-control-plane.mjs', import.meta.url),
);

/** An API server for one test only, which may do anything to it. */
export interface OwnCluster {
  readonly kubeconfig: string;
  /** As a cluster administrator; closed with the cluster. */
  readonly client: KubeClient;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

/** Starts etcd and an API server; they end with this process, too. */
export async function startOwnCluster(): Promise<OwnCluster> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  const kubeconfig = text.trim().split('\n').at(-1) ?? '';
  if (kubeconfig === '') throw new Error('the API server did not start');
  const client = await connect({ files: [kubeconfig] });
  return {
    kubeconfig,
    client,
    async stop() {
      client.close();
      child.stdin.end();
      await ended;
    },
  };
}
