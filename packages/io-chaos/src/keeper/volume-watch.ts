import { requestsWaiting } from '@ordeal/fuse';
import type { Fd } from '@ordeal/linux';
import type { FaultServer } from '../server/fault-server.js';
import { someoneDiesIn } from './dying-processes.js';
import type { Heartbeat } from './heartbeat.js';
import { OwnerLeases } from './owner-leases.js';

/** The volume that is watched. */
export interface WatchedVolume {
  readonly server: FaultServer;
  readonly namespace: string;
  /** Whether requests are delayed for longer than a killed process may take to end. */
  readonly delaysLong: boolean;
  /** The rules of a group were off for this many milliseconds: its owner had not renewed its lease. */
  resumed(group: number, milliseconds: number): void;
}

/** Beats between two looks whether requests wait for a server that has not answered any for long: each costs an open file. */
const PATIENCE = 8;

/** What a keeper looks at once a second for a volume: leases, the server, killed processes, whether there are requests. */
export class VolumeWatch {
  readonly #volume: WatchedVolume;
  readonly #heartbeat: Heartbeat;
  readonly #leases: OwnerLeases;
  /** Of its server in the pulse. */
  readonly slot: number;
  /** What the server had noted there at the last beat. */
  #noted = 0;
  /** Beats in a row at which it had answered no request. */
  #quietBeats = 0;
  /** Whether there was ever a lease. */
  #begun = false;
  #stop: () => void = () => undefined;

  constructor(volume: WatchedVolume, heartbeat: Heartbeat) {
    this.#volume = volume;
    this.#heartbeat = heartbeat;
    this.slot = heartbeat.pulse.takeSlot();
    this.#leases = new OwnerLeases({
      expired: (group) => volume.server.tell({ kind: 'pause', group }),
      renewed: (group, milliseconds) => {
        volume.server.tell({ kind: 'resume', group });
        volume.resumed(group, milliseconds);
      },
    });
  }

  /**
   * The keeper shows that it is alive. It watches the volume from the first lease on.
   *
   * @param waiting see {@link requestsWaiting}
   */
  begin(waiting: Fd): void {
    this.#stop = this.#heartbeat.on((late) => {
      if (this.#begun) this.#beat(waiting, late);
    });
  }

  /** The lease of a group begins, or begins again. */
  lease(group: number): void {
    this.#begun = true;
    this.#leases.begin(group);
  }

  /** The owner of a group is alive. */
  renew(group: number): void {
    this.#leases.renew(group);
  }

  /** A group ends. */
  forget(group: number): void {
    this.#leases.end(group);
  }

  /** Whether there was no request in the last second. */
  get quiet(): boolean {
    return this.#quietBeats > 0;
  }

  close(): void {
    this.#stop();
    this.#heartbeat.pulse.freeSlot(this.slot);
  }

  #beat(waiting: Fd, late: boolean): void {
    const { server, namespace, delaysLong } = this.#volume;
    this.#leases.look(late);
    const noted = this.#heartbeat.pulse.noted(this.slot);
    this.#quietBeats = noted === this.#noted ? this.#quietBeats + 1 : 0;
    this.#noted = noted;
    server.look(() => this.#mayHang && requestsWaiting(waiting) > 0);
    // Long delays must not keep containers from ending.
    if (delaysLong && someoneDiesIn(namespace)) server.tell({ kind: 'release' });
  }

  /** A server that answers does not hang. The quiet ones of a keeper are looked at in turns. */
  get #mayHang(): boolean {
    const beats = this.#quietBeats;
    return beats === 1 || (beats > 1 && (beats + this.slot) % PATIENCE === 0);
  }
}
