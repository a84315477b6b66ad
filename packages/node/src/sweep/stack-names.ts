import type { Site } from '@ordeal/kernel-chaos';
import { symbolise } from '@ordeal/linux';
import { mergeSites } from '../stack-summary.js';

/** Names stacks, and reads the kernel's symbols only for addresses that it has not met: reading takes a while. */
export class StackNames {
  readonly #known = new Map<bigint, string>();

  /** Function names, outermost first, without the ways into and out of the kernel. */
  of({ addresses }: Pick<Site, 'addresses'>): readonly string[] {
    const unknown = addresses.filter((address) => !this.#known.has(address));
    if (unknown.length > 0) {
      const names = symbolise(unknown);
      for (const address of unknown) {
        this.#known.set(address, names.get(address) ?? `0x${address.toString(16)}`);
      }
    }
    const stack = addresses.map((address) => this.#known.get(address) ?? '').reverse();
    return mergeSites([{ faults: 1, stack }])[0]?.stack ?? [];
  }
}
