import {
  attachProgram,
  BpfMap,
  type LoadedProgram,
  loadProgram,
  type ProgramSpec,
  u32Key,
} from '@ordeal/bpf';
import { Attempts } from '@ordeal/diagnostics';
import { type Fd, StructWriter } from '@ordeal/linux';
import type { KernelFacts } from '../kernel-facts.js';
import { explained } from '../refusal.js';
import type { Scope } from '../scope.js';
import { WORDS } from './ask-next.js';
import { GATE_CONTROL, gateMaps, gateProgram, hasIoOwner, ID_BITS, passProgram } from './gate-program.js';
import { GateSlots, SLOTS } from './gate-slots.js';

/** A place for one experiment's program behind a gate. */
export interface GateSeat {
  /** The maps that a program behind the gate uses, by name. */
  readonly maps: ReadonlyMap<string, BpfMap>;
  /** The gate's own program. */
  readonly gate: LoadedProgram;
  /** Puts the program behind the gate: from now on it runs. */
  fill(program: LoadedProgram): void;
  /** Takes the program out, and closes the gate if it was the last one. */
  close(): void;
}

/** The tag is the generation above the bits of an id; each seat that is taken changes it once more when it leaves. */
const LAST_GENERATION = (1n << BigInt(64 - ID_BITS)) - BigInt(2 * SLOTS);

/** The gates of this process. */
const open: FaultGate[] = [];

/**
 * A seat behind a gate at the fault point, which is opened if no gate there has room.
 *
 * A trampoline holds 38 programs (BPF_MAX_TRAMP_LINKS), and each of them costs every task of the machine: behind a gate
 * one program stands for all experiments of this process.
 *
 * @throws VerifierError, SyscallError, OrdealError ORD-406 for a function that cannot be hooked
 */
export function takeSeat(target: string, scopes: readonly Scope[], facts: KernelFacts): GateSeat {
  for (const gate of open) {
    const seat = gate.target === target ? gate.take(scopes) : undefined;
    if (seat) return seat;
  }
  const gate = new FaultGate(target, facts);
  const seat = gate.take(scopes);
  if (!seat) {
    gate.close();
    throw new Error('an empty gate has no room');
  }
  open.push(gate);
  return seat;
}

/** One program attached at a function, and the programs behind it. Closed with its last seat. */
class FaultGate {
  readonly target: string;
  readonly #slots: GateSlots;
  readonly #maps = new Map<string, BpfMap>();
  readonly #gate: LoadedProgram;
  readonly #link: Fd;
  /** The link before programs before maps: closed in this order. */
  readonly #owned: readonly { close(): void }[];
  readonly #pass: LoadedProgram;
  /** How many experiments were added or have left. */
  #generation = 0n;

  constructor(target: string, facts: KernelFacts) {
    this.target = target;
    this.#slots = new GateSlots(hasIoOwner(target, facts) ? 2 : 1);
    const spec = gateProgram(target, facts);
    const owned: { close(): void }[] = [];
    try {
      for (const each of gateMaps()) {
        const map = BpfMap.create(each);
        owned.unshift(map);
        this.#maps.set(each.name, map);
      }
      const load = (program: ProgramSpec): LoadedProgram => {
        const loaded = explained(spec, () => loadProgram(program, facts.btf, this.#maps));
        owned.unshift(loaded.fd);
        return loaded;
      };
      this.#gate = load(spec);
      this.#pass = load(passProgram(target));
      this.#link = explained(spec, () => attachProgram(this.#gate));
    } catch (error) {
      for (const each of owned) each.close();
      throw error;
    }
    this.#owned = [this.#link, ...owned];
  }

  /** Undefined if there is no room for an experiment with these scopes. */
  take(scopes: readonly Scope[]): GateSeat | undefined {
    if (this.#generation >= LAST_GENERATION) return undefined;
    const slot = this.#slots.take(scopes);
    if (slot === undefined) return undefined;
    let closed = false;
    return {
      maps: this.#maps,
      gate: this.#gate,
      fill: (program) => this.#fill(slot, scopes, program),
      close: () => {
        if (!closed) this.#leave(slot, scopes);
        closed = true;
      },
    };
  }

  /**
   * The order matters: what is found must be there before it can be found, and the tag changes last, so that no cgroup
   * stays remembered as outside which the new scopes contain.
   */
  #fill(slot: number, scopes: readonly Scope[], program: LoadedProgram): void {
    this.#map('gate_slots').update(u32Key(slot), u32Key(program.fd.number));
    this.#writeScopes(scopes);
    this.#writeControl();
    this.#changeTag();
  }

  #leave(slot: number, scopes: readonly Scope[]): void {
    this.#slots.release(slot);
    const attempts = new Attempts();
    if (this.#slots.empty) {
      open.splice(open.indexOf(this), 1);
      attempts.run(() => this.close());
    } else {
      attempts.run(() => this.#writeControl());
      attempts.run(() => this.#writeScopes(scopes));
      // Who reads a hash while a value is replaced may find none: what was remembered then is wrong for those who stay.
      attempts.run(() => this.#changeTag());
      attempts.run(() => this.#map('gate_slots').update(u32Key(slot), u32Key(this.#pass.fd.number)));
    }
    attempts.report();
  }

  /** Detaches the gate and releases what it has in the kernel. */
  close(): void {
    const attempts = new Attempts();
    for (const each of this.#owned) attempts.run(() => each.close());
    attempts.report();
  }

  /** Nothing that was remembered before counts any more. */
  #changeTag(): void {
    this.#generation++;
    this.#writeControl();
  }

  #writeScopes(scopes: readonly Scope[]): void {
    for (const scope of scopes) {
      if (scope.kind !== 'cgroup') continue;
      const key = new StructWriter(8).u64(0, scope.id).bytes;
      const asked = this.#slots.askedIn(scope.id);
      if (asked === 0n) this.#map('gate_scopes').delete(key);
      else this.#map('gate_scopes').update(key, writeSet(new StructWriter(8 * WORDS), 0, asked).bytes);
    }
  }

  #writeControl(): void {
    const { tag, levels, always, size } = GATE_CONTROL;
    const value = new StructWriter(size)
      .u64(tag, this.#generation << BigInt(ID_BITS))
      .u64(levels, this.#slots.levels);
    this.#map('gate_control').update(u32Key(0), writeSet(value, always, this.#slots.always).bytes);
  }

  #map(name: string): BpfMap {
    const map = this.#maps.get(name);
    if (!map) throw new Error(`there is no map ${name}`);
    return map;
  }
}

/** A set of slots as {@link WORDS} words, bit n = slot n. */
function writeSet(writer: StructWriter, offset: number, set: bigint): StructWriter {
  for (let word = 0; word < WORDS; word++) {
    writer.u64(offset + 8 * word, BigInt.asUintN(64, set >> BigInt(64 * word)));
  }
  return writer;
}
