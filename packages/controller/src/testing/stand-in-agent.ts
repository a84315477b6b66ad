import { isNotFound, type KubeClient, Reflector, removeFinalizers, WorkQueue } from '@ordeal/kube';
import { type Injection, injections } from '../api/kinds.js';

/** An agent's behaviour for one injection: none, or its report on the containers. */
export type Behaviour = (
  injection: Injection,
) => 'inject' | 'silent' | { readonly reason: string; readonly message: string };

/**
 * Answers the Injections of a namespace as the agents of its nodes would, without faults: the other half of the
 * contract that the controller keeps. One that cannot inject cannot recover either.
 */
export class StandInAgent {
  readonly #reflector: Reflector<Injection>;
  readonly #queue: WorkQueue;
  /** How often each injection was answered. */
  readonly answered = new Map<string, number>();
  behaviour: Behaviour;

  constructor(client: KubeClient, namespace: string, behaviour: Behaviour = () => 'inject') {
    this.behaviour = behaviour;
    this.#queue = new WorkQueue({
      backOff: { firstMs: 20, longestMs: 200 },
      handle: async (name) => {
        const injection = this.#reflector.get(namespace, name);
        if (injection !== undefined) await this.#answer(client, injection);
        return undefined;
      },
      onError: () => {},
    });
    this.#reflector = new Reflector(client, injections, {
      namespace,
      onChange: ({ metadata }) => this.#queue.add(metadata.name),
      onError: () => {},
    });
  }

  /** Handles every injection again, after its behaviour has changed. */
  lookAgain(): void {
    for (const { metadata } of this.#reflector.objects()) this.#queue.add(metadata.name);
  }

  async close(): Promise<void> {
    await this.#reflector.close();
    await this.#queue.close();
  }

  async #answer(client: KubeClient, injection: Injection): Promise<void> {
    const behaviour = this.behaviour(injection);
    if (behaviour === 'silent') return;
    const deleting = injection.metadata.deletionTimestamp !== undefined;
    if (deleting && behaviour === 'inject') {
      await removeFinalizers(client, injections, injection, () => true).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
      return;
    }
    const phase =
      behaviour === 'inject' || (deleting && injection.status?.phase === 'Injected')
        ? 'Injected'
        : 'Not Injected';
    const trouble = behaviour === 'inject' ? {} : behaviour;
    const containers = injection.spec.containerNames.map((name) => ({ name, phase, ...trouble }));
    const status = { phase, observedGeneration: injection.metadata.generation ?? 0, containers, ...trouble };
    if (JSON.stringify(injection.status?.containers) === JSON.stringify(containers)) return;
    const { namespace, name } = injection.metadata;
    await client.patch(injections, { namespace, name }, { status }, { subresource: 'status' });
    this.answered.set(name, (this.answered.get(name) ?? 0) + 1);
  }
}
