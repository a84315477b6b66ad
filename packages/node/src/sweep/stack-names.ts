import type { Site } from '@ordeal/kernel-chaos';
import { symbolise } from '@ordeal/linux';
import { mergeSites } from '../stack-summary.js';

/** Names stacks; reads the kernel's symbols only for new addresses, because that is slow. */
export class StackNames {
  readonly #known = new Map<bigint, string>();

  /** Function names, outermost first, without kernel entry and exit. */
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
