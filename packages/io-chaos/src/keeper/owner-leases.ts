import { LEASE, Lease } from '../server/lease.js';

export interface OwnerLeasesListener {
  readonly expired: (group: number) => void;
  /** The lease of a group was renewed this many milliseconds after it had expired. */
  readonly renewed: (group: number, milliseconds: number) => void;
}

/** The leases of the owners of a volume, by their groups of rules. */
export class OwnerLeases {
  readonly #listener: OwnerLeasesListener;
  readonly #leases = new Map<number, Lease>();

  constructor(listener: OwnerLeasesListener) {
    this.#listener = listener;
  }

  begin(group: number): void {
    const known = this.#leases.get(group);
    const lease =
      known ??
      new Lease(LEASE, {
        expired: () => this.#listener.expired(group),
        renewed: (milliseconds) => this.#listener.renewed(group, milliseconds),
      });
    this.#leases.set(group, lease);
    lease.renew();
    lease.begin();
  }

  renew(group: number): void {
    this.#leases.get(group)?.renew();
  }

  end(group: number): void {
    this.#leases.delete(group);
  }

  /** Expires those that have not been renewed in time. @param late nobody could renew them: they get their time once more */
  look(late: boolean): void {
    for (const lease of this.#leases.values()) {
      if (late && lease.due < Number.POSITIVE_INFINITY) lease.begin();
      else lease.look();
    }
  }
}
