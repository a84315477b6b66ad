import {
  FaultFileSystem,
  FaultLog,
  HELPERS,
  HelperThreads,
  type IoFault,
  movableFiles,
} from '@ordeal/fault-fs';
import { type DescriptorKeeper, monotonic, openPidfd, pullDescriptor } from '@ordeal/linux';
import { reached } from '../steps.js';
import type { KeeperLink } from './keeper-link.js';
import { LEASE, Lease } from './lease.js';
import { Pulse } from './pulse.js';
import { type ServedFaults, ServedRules } from './served-rules.js';
import { ServerGroups } from './server-groups.js';
import type { DoneAnswer, ServerAnswer, ServerCommand, VolumeAction } from './server-message.js';

/**
 * Milliseconds after which the lease is looked at again. Nobody wakes up for that: it is looked at before the next request.
 */
const LOOK = 1_000;

/** Serves one volume, and obeys its keeper between two requests, all on one thread. */
export class ServedVolume {
  readonly #link: KeeperLink<ServerCommand, ServerAnswer>;
  readonly #keeper: number;
  readonly #descriptorKeeper: DescriptorKeeper | undefined;
  #system: FaultFileSystem | undefined;
  #orphaned = false;
  readonly #rules = new ServedRules((groups) => this.#system?.use(groups));
  readonly #groups = new ServerGroups();
  /** Of the keeper, undefined where it is gone. */
  #pulse: Pulse | undefined;
  readonly #lease = new Lease(LEASE, {
    expired: () => this.#rules.orphan(true),
    renewed: (milliseconds) => {
      this.#rules.orphan(false);
      for (const group of this.#groups.ids) this.#link.tell({ kind: 'resumed', group, milliseconds });
    },
  });
  #slot = 0;
  /** When the lease is looked at again. */
  #due = Number.POSITIVE_INFINITY;

  /** @param keeper the process at the other end of the link */
  constructor(
    link: KeeperLink<ServerCommand, ServerAnswer>,
    keeper: number,
    descriptorKeeper: DescriptorKeeper | undefined,
  ) {
    this.#link = link;
    this.#keeper = keeper;
    this.#descriptorKeeper = descriptorKeeper;
  }

  /**
   * Until the mount and its last file are gone, even if the keeper is not there any more. Without a keeper there are no faults,
   * and nothing to serve that is not served yet.
   */
  run(): void {
    while (!this.#system && this.#link.open) {
      this.#link.wait();
      this.#attend();
    }
    this.#system?.run({
      attend: () => this.#attend(),
      look: () => this.#lookAtLease(),
      served: () => this.#pulse?.note(this.#slot),
      due: () => this.#due,
    });
    this.#system?.close();
    this.#link.tell({ kind: 'ended', counts: this.#groups.counts() });
  }

  #attend(): void {
    for (const command of this.#link.read()) this.#obey(command);
    if (!this.#link.open && !this.#orphaned) {
      this.#orphaned = true;
      this.#pulse = undefined;
      this.#due = Number.POSITIVE_INFINITY;
      this.#disable();
    }
  }

  /** The keeper renews the lease with each beat. */
  #lookAtLease(): void {
    if (!this.#pulse) return;
    const now = performance.now();
    const beat = this.#pulse.beatAt - (monotonic() - now);
    if (now < beat + LEASE) this.#lease.renew(now);
    this.#lease.look(now);
    this.#due = Math.min(this.#lease.due, now + LOOK);
  }

  #obey(command: ServerCommand): void {
    const { kind, id } = command;
    if (kind === 'count') this.#done(id);
    else if (kind === 'fetch') this.#done(id, { batch: this.#groups.fetch(command.group, command.received) });
    else if (kind === 'serve') this.#serve(command);
    else if (kind === 'put') this.#done(id, this.#change(command));
    else {
      this.#done(id, this.#act(command));
      if (kind === 'drop') this.#groups.forget(command.group);
    }
  }

  #serve({ id, locks, rules, ...given }: ServerCommand & { kind: 'serve' }): void {
    const pidfd = openPidfd(this.#keeper);
    const numbers = [given.device, given.tree, given.pulse];
    const [device, root, pulse] = numbers.map((number) => pullDescriptor(pidfd, number));
    pidfd.close();
    if (!device || !root || !pulse) throw new Error('the keeper is gone');
    // The keeper has recorded it by now: a recovery finds and ends it. It must not hold the connection: nobody would answer.
    this.#descriptorKeeper?.outliveParent(device.number);
    reached('server', 'serving');
    this.#system = new FaultFileSystem({
      device: device.number,
      root: root.number,
      wakeUp: this.#link.number,
      locks,
      helpers: () => new HelperThreads(HELPERS),
      openFiles: movableFiles,
      log: (line) => this.#link.tell({ kind: 'log', line }),
    });
    this.#pulse = new Pulse(pulse);
    this.#slot = given.slot;
    this.#lease.begin();
    this.#lookAtLease();
    this.#put(rules);
    this.#done(id);
  }

  #change({ begin, ...rules }: ServerCommand & { kind: 'put' }): DoneAnswer {
    this.#put(rules);
    const bypassed = this.#system?.bypassed ?? 0;
    if (!begin || bypassed > 0) return { bypassed };
    const { group } = rules;
    this.#rules.begin(group, begin.milliseconds);
    return { bypassed, batch: this.#groups.fetch(group, begin.received) };
  }

  #put(served: ServedFaults): void {
    const { group, reported } = served;
    const { counters, backlog } = this.#groups.put(group, served.faults.length);
    const tell = (fault: IoFault) => this.#hear(group, fault);
    this.#rules.put(served, counters, reported ? new FaultLog(backlog, tell) : undefined);
  }

  #hear(group: number, fault: IoFault): void {
    this.#groups.hear(group, fault);
    if (fault.action === 'halt') this.#link.tell({ kind: 'halted', group });
  }

  /** @returns what the answer has besides counts */
  #act(command: VolumeAction): DoneAnswer {
    const system = this.#system;
    switch (command.kind) {
      case 'begin':
        this.#rules.begin(command.group, command.milliseconds);
        return {};
      case 'pause':
      case 'resume':
        this.#rules.pause(command.group, command.kind === 'pause');
        return {};
      case 'drop':
        this.#rules.drop(command.group);
        return {};
      case 'disable':
        this.#disable();
        return {};
      case 'enable':
        this.#rules.enable(true);
        return {};
      case 'release':
        system?.release();
        return {};
      case 'leave bare':
        system?.leaveBare(command.files, command.ways);
        return {};
      case 'admit':
        system?.admit(command.admitted);
        return {};
      case 'unsynced':
        return { unsynced: system?.unsynced };
      case 'cut':
        return { cut: system?.cutPower(command.choice) };
      case 'ping':
        return {};
    }
  }

  #disable(): void {
    reached('server', 'disabling');
    this.#rules.enable(false);
  }

  #done(id: number | undefined, more: DoneAnswer = {}): void {
    if (id !== undefined) this.#link.tell({ kind: 'done', id, counts: this.#groups.counts(), ...more });
  }
}
