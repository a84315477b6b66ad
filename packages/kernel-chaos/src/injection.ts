import {
  attachProgram,
  BpfMap,
  type Btf,
  type LoadedProgram,
  loadProgram,
  type ProgramSpec,
  RingBuffer,
  readProgramInfo,
  u32Key,
} from '@ordeal/bpf';
import { Attempts } from '@ordeal/diagnostics';
import { processTree, readProcessStatus, StructWriter } from '@ordeal/linux';
import type { Blueprint } from './assemble/blueprint.js';
import { CONTROL, mapSpecs } from './assemble/maps.js';
import { assemblePrograms } from './assemble/programs.js';
import { type Counters, decodeCounters } from './counters.js';
import { decodeFaultEvent, type FaultEvent } from './fault-event.js';
import { type GateSeat, takeSeat } from './gate/fault-gate.js';
import { explained, explainRefusal, neverReturns } from './refusal.js';
import { readSites, type Site } from './sites.js';
import { addTree } from './tree-members.js';

/**
 * Nanoseconds that faults continue when the holder no longer renews its lease, because it was stopped or hangs.
 * When it dies, they end at once.
 */
export const LEASE = 5_000_000_000n;
/** Milliseconds between renewals. */
const RENEWAL = 1_000;

/** What the verifier had to do for one program. */
export interface ProgramCost {
  readonly name: string;
  /** Instructions in the program. */
  readonly instructions: number;
  /** Instructions that the verifier processed; 0 if the kernel does not report it. */
  readonly verified: number;
}

/**
 * Armed programs of one experiment on this machine. Faults happen from {@link KernelInjection.arm} until the deadline,
 * {@link KernelInjection.recover}, or the end of this process, whichever comes first.
 *
 * The BPF programs check the deadline themselves: if this process is stopped or hangs, they inject nothing
 * after {@link LEASE}.
 */
export class KernelInjection {
  readonly blueprint: Blueprint;
  readonly costs: readonly ProgramCost[];
  readonly #maps: ReadonlyMap<string, BpfMap>;
  /** Links before programs before the seat behind a gate before maps: closed in this order. */
  readonly #owned: readonly { close(): void }[];
  #end: bigint | undefined;
  #paused = false;
  readonly #ring: RingBuffer | undefined;
  #deadline = 0n;
  #nth = 0n;
  #renewal: NodeJS.Timeout | undefined;
  /** Errors since arming, thrown when everything is closed. */
  readonly #attempts = new Attempts();
  #lapsed = false;
  #last: { readonly counters: Counters[]; readonly sites: Site[] } | undefined;

  private constructor(
    blueprint: Blueprint,
    maps: ReadonlyMap<string, BpfMap>,
    owned: readonly { close(): void }[],
    costs: readonly ProgramCost[],
    end: bigint | undefined,
  ) {
    this.blueprint = blueprint;
    this.costs = costs;
    this.#maps = maps;
    this.#owned = owned;
    this.#end = end;
    if (blueprint.events) {
      this.#ring = new RingBuffer(this.#map('events'));
      this.#owned = [this.#ring, ...owned];
    }
    this.#renew();
    this.#renewal = setInterval(() => this.#renewOrLapse(), RENEWAL);
    this.#renewal.unref();
  }

  /**
   * Loads everything before it attaches anything; a failure leaves nothing behind.
   *
   * @param duration nanoseconds until the faults end; undefined = until {@link recover}
   * @throws VerifierError, SyscallError, OrdealError ORD-406 for a function that cannot be hooked
   */
  static arm(blueprint: Blueprint, duration: bigint | undefined): KernelInjection {
    const owned: { close(): void }[] = [];
    try {
      const maps = new Map<string, BpfMap>();
      for (const spec of mapSpecs(blueprint)) {
        const map = BpfMap.create(spec);
        owned.unshift(map);
        maps.set(spec.name, map);
      }
      const seat = seatFor(blueprint);
      if (seat) owned.unshift(seat);
      const reached = new Map([...maps, ...(seat?.maps ?? [])]);
      const programs = assemblePrograms(blueprint).flatMap((spec) => {
        const program = loadIfReturns(spec, blueprint.facts.btf, reached);
        if (program) owned.unshift(program.fd);
        return program ? [program] : [];
      });
      const costs = [...(seat ? [seat.gate] : []), ...programs].map((program) => ({
        name: program.spec.name,
        instructions: program.spec.instructions.length,
        verified: readProgramInfo(program).verifiedInstructions,
      }));
      for (const program of programs) {
        if (program.spec.attachment.kind === 'fmod_ret') seat?.fill(program);
        else owned.unshift(explained(program.spec, () => attachProgram(program)));
      }
      addTreeMembers(blueprint, maps.get('members'));
      const end = duration === undefined ? undefined : process.hrtime.bigint() + duration;
      return new KernelInjection(blueprint, maps, owned, costs, end);
    } catch (error) {
      const attempts = new Attempts();
      attempts.add(error);
      for (const each of owned) attempts.run(() => each.close());
      attempts.report();
      throw error;
    }
  }

  /** One block of counters for each target, in the order of the scopes. Keeps its last values after recovery. */
  counters(): Counters[] {
    if (this.#last) return this.#last.counters;
    const value = this.#map('counters').lookup(u32Key(0)) ?? new Uint8Array();
    return decodeCounters(value, this.blueprint.scopes.length);
  }

  /** Where faults happened, most frequent first. Keeps its last values after recovery. */
  sites(): Site[] {
    return this.#last?.sites ?? readSites(this.#map('sites'), this.#map('stacks'));
  }

  /**
   * The faults since the last call, oldest first, if the blueprint asked for them. The ring holds 4096; later ones
   * are lost until it is read, but they are counted.
   */
  events(): FaultEvent[] {
    return this.#ring?.read().map(decodeFaultEvent) ?? [];
  }

  /**
   * For a blueprint with `single`: restarts the count of matches of all targets, and makes only the match with this
   * number fail. 0 makes none fail.
   */
  failOnly(nth: number): void {
    this.#nth = BigInt(nth);
    this.#map('given').update(u32Key(0), new Uint8Array(8 * this.blueprint.scopes.length));
    this.#writeControl();
  }

  /**
   * Forgets the sites so far: {@link sites} then returns those from now on. The kernel keeps no stack whose slot is
   * taken by another one; this frees the slots. Call it only while no fault can happen.
   */
  forgetSites(): void {
    for (const name of ['sites', 'stacks']) {
      const map = this.#map(name);
      for (const key of map.keys()) map.delete(key);
    }
  }

  /** Threads that are inside frames of the call chain now. */
  threadsInside(): number {
    return this.#last ? 0 : (this.#maps.get('threads')?.keys().length ?? 0);
  }

  /** Whether faults can still happen, as far as the holder knows. */
  get armed(): boolean {
    if (this.#lapsed) return false;
    return this.#last === undefined && (this.#end === undefined || process.hrtime.bigint() < this.#end);
  }

  /** Sets the time in nanoseconds, from now, until the faults end; undefined = not before {@link recover}. */
  endAfter(duration: bigint | undefined): void {
    if (this.#last) return;
    this.#end = duration === undefined ? undefined : process.hrtime.bigint() + duration;
    this.#renew();
  }

  /** No faults until {@link resume}; counters do not change, and the duration keeps running. */
  pause(): void {
    if (this.#last) return;
    this.#paused = true;
    this.#renew();
  }

  resume(): void {
    if (this.#last) return;
    this.#paused = false;
    this.#renew();
  }

  /**
   * Ends the faults and releases everything in the kernel. A second call does nothing.
   *
   * @throws errors here or at a renewal of the lease, after everything is closed
   */
  recover(): void {
    if (this.#last) return;
    clearInterval(this.#renewal);
    const attempts = this.#attempts;
    attempts.run(() => this.#setDeadline(0n));
    const counters = attempts.run(() => this.counters());
    const sites = attempts.run(() => this.sites());
    this.#last = { counters: counters ?? [], sites: sites ?? [] };
    for (const each of this.#owned) attempts.run(() => each.close());
    attempts.report();
  }

  /** Without another renewal the faults end with the lease, and {@link KernelInjection.armed} becomes false. */
  #renewOrLapse(): void {
    try {
      this.#renew();
    } catch (error) {
      clearInterval(this.#renewal);
      this.#attempts.add(error);
      this.#lapsed = true;
    }
  }

  #renew(): void {
    const lease = this.#paused ? 0n : process.hrtime.bigint() + LEASE;
    this.#setDeadline(this.#end !== undefined && this.#end < lease ? this.#end : lease);
  }

  /** CLOCK_MONOTONIC nanoseconds, which is what both `bpf_ktime_get_ns` and `hrtime` count. */
  #setDeadline(deadline: bigint): void {
    this.#deadline = deadline;
    this.#writeControl();
  }

  #writeControl(): void {
    const value = new StructWriter(CONTROL.size)
      .u64(CONTROL.deadline, this.#deadline)
      .u64(CONTROL.nth, this.#nth);
    this.#map('control').update(u32Key(0), value.bytes);
  }

  #map(name: string): BpfMap {
    const map = this.#maps.get(name);
    if (!map) throw new Error(`there is no map ${name}`);
    return map;
  }
}

/** The programs that follow forks and exits are attached already. */
function addTreeMembers({ scopes }: Blueprint, members: BpfMap | undefined): void {
  if (!members) return;
  scopes.forEach((scope, index) => {
    if (scope.kind !== 'process-tree') return;
    addTree(
      scope.pid,
      () => processTree(scope.pid),
      (pid) => readProcessStatus(pid) !== undefined,
      {
        add: (pid) => members.update(u32Key(pid), u32Key(index)),
        remove: (pid) => members.delete(u32Key(pid)),
      },
    );
  });
}

/** The seat for the program at the fault point; kprobes have no gate: a program that overrides cannot be a tail call. */
function seatFor({ convention, faultPoint, scopes, facts }: Blueprint): GateSeat | undefined {
  if (convention.mechanism !== 'fmod_ret') return undefined;
  return takeSeat(faultPoint.function, scopes, facts);
}

/** Undefined for the return of a function that never returns. */
function loadIfReturns(
  spec: ProgramSpec,
  btf: Btf,
  maps: ReadonlyMap<string, BpfMap>,
): LoadedProgram | undefined {
  try {
    return loadProgram(spec, btf, maps);
  } catch (error) {
    if (neverReturns(spec, error)) return undefined;
    throw explainRefusal(spec, error);
  }
}
