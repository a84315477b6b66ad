import { setTimeout as delay } from 'node:timers/promises';
import { type KubeObject, Reflector, type Resource } from '@ordeal/kube';
import type { Cluster } from './cluster-flags.js';

/** Changes that arrive together are handled together. */
const PAUSE_MS = 300;

export interface LookAgainOptions {
  readonly resources: readonly Resource[];
  /** Only changes of objects of this name. */
  readonly name?: string | undefined;
  readonly signal: AbortSignal;
  /** Reads the state; false if there is nothing more to wait for. */
  readonly look: () => Promise<boolean>;
  /** Called when the API server cannot be reached; the request is retried. */
  readonly onError: (error: unknown) => void;
}

/**
 * Reads the state once and again whenever an object has changed, one read at a time, until there is nothing more to
 * wait for.
 */
export async function lookAgain(
  { client, namespace }: Cluster,
  { resources, name, signal, look, onError }: LookAgainOptions,
): Promise<void> {
  let changed = true;
  let wake = () => {};
  const stirred = () => {
    changed = true;
    wake();
  };
  signal.addEventListener('abort', stirred, { once: true });
  const fieldSelector = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
  const reflectors = resources.map(
    (resource) =>
      new Reflector<KubeObject>(client, resource, {
        namespace,
        ...fieldSelector,
        onChange: stirred,
        onError,
      }),
  );
  try {
    while (!signal.aborted) {
      changed = false;
      if (!(await look())) return;
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    await Promise.all(reflectors.map((reflector) => reflector.close()));
  }
}
