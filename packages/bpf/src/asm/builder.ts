import { HELPER, type HelperName } from './bpf-helper.js';
import { type Instruction, slots } from './instruction.js';
import {
  ALU,
  type AluOperation,
  ATOMIC_FETCH,
  CALL,
  CLASS,
  EXIT,
  JUMP,
  JUMP_ALWAYS,
  type JumpCondition,
  MODE,
  PSEUDO,
  SOURCE_REGISTER,
  WIDTH,
  type Width,
} from './opcode.js';
import type { Register } from './register.js';

/** A position in a program that jumps can refer to before it is known. */
export interface Label {
  readonly name: string;
}

type Draft = Instruction & { readonly target?: Label };

/**
 * Assembles one BPF program, instruction by instruction. Pure: maps are named, not opened. Jumps go to {@link Label}s
 * and are resolved in {@link ProgramBuilder.build}.
 *
 * Memory operands are written as `(register, offset)`.
 */
export class ProgramBuilder {
  readonly #drafts: Draft[] = [];
  readonly #labels = new Map<Label, number>();
  #comment: string | undefined;

  /** A fresh label; the name is only for listings. */
  label(name: string): Label {
    return { name };
  }

  /** Places the label before the next instruction. Each label is placed once. */
  place(label: Label): this {
    if (this.#labels.has(label)) throw new Error(`label ${label.name} is placed twice`);
    this.#labels.set(label, this.#drafts.length);
    return this;
  }

  /** Attaches a comment to the next instruction, for listings. */
  note(comment: string): this {
    this.#comment = comment;
    return this;
  }

  /** 64-bit `destination = source`. */
  mov(destination: Register, source: Register): this {
    return this.alu('mov', destination, source);
  }

  /** 64-bit arithmetic with a register. */
  alu(operation: AluOperation, destination: Register, source: Register): this {
    return this.#push(CLASS.alu64 | ALU[operation] | SOURCE_REGISTER, destination, source);
  }

  /** 64-bit arithmetic with a 32-bit immediate, sign-extended. `neg` ignores it. */
  aluImmediate(operation: AluOperation, destination: Register, immediate: number): this {
    return this.#push(CLASS.alu64 | ALU[operation], destination, 0, 0, immediate);
  }

  /** 32-bit arithmetic with a register; the upper half of the destination becomes zero. */
  alu32(operation: AluOperation, destination: Register, source: Register): this {
    return this.#push(CLASS.alu | ALU[operation] | SOURCE_REGISTER, destination, source);
  }

  /** 32-bit arithmetic with an immediate; the upper half of the destination becomes zero. */
  alu32Immediate(operation: AluOperation, destination: Register, immediate: number): this {
    return this.#push(CLASS.alu | ALU[operation], destination, 0, 0, immediate);
  }

  /** Loads any 64-bit constant with the shortest instruction. */
  constant(destination: Register, value: bigint | number): this {
    const number = BigInt.asIntN(64, BigInt(value));
    if (number === BigInt.asIntN(32, number)) return this.aluImmediate('mov', destination, Number(number));
    return this.#wide(destination, PSEUDO.number, number);
  }

  /** `destination = *(width *)(base + offset)`, zero-extended. */
  load(width: Width, destination: Register, base: Register, offset: number): this {
    return this.#push(CLASS.ldx | MODE.mem | WIDTH[width], destination, base, offset);
  }

  /** `*(width *)(base + offset) = source` */
  store(width: Width, base: Register, offset: number, source: Register): this {
    return this.#push(CLASS.stx | MODE.mem | WIDTH[width], base, source, offset);
  }

  /** `*(width *)(base + offset) = immediate` */
  storeImmediate(width: Width, base: Register, offset: number, immediate: number): this {
    return this.#push(CLASS.st | MODE.mem | WIDTH[width], base, 0, offset, immediate);
  }

  /** `lock *(u64 *)(base + offset) += source` */
  atomicAdd(base: Register, offset: number, source: Register): this {
    return this.#push(CLASS.stx | MODE.atomic | WIDTH.u64, base, source, offset, ALU.add);
  }

  /** Like {@link atomicAdd}; `source` becomes the old value. Linux ≥ 5.12. */
  atomicFetchAdd(base: Register, offset: number, source: Register): this {
    return this.#push(CLASS.stx | MODE.atomic | WIDTH.u64, base, source, offset, ALU.add | ATOMIC_FETCH);
  }

  /** Jumps when `left condition right` holds, 64 bits. */
  jump(condition: JumpCondition, left: Register, right: Register, target: Label): this {
    return this.#jump(CLASS.jmp | JUMP[condition] | SOURCE_REGISTER, left, right, 0, target);
  }

  /** Jumps when `left condition immediate` holds, 64 bits; the immediate is sign-extended. */
  jumpImmediate(condition: JumpCondition, left: Register, immediate: number, target: Label): this {
    return this.#jump(CLASS.jmp | JUMP[condition], left, 0, immediate, target);
  }

  /** Like {@link jump} on the lower 32 bits. Linux ≥ 5.1. */
  jump32(condition: JumpCondition, left: Register, right: Register, target: Label): this {
    return this.#jump(CLASS.jmp32 | JUMP[condition] | SOURCE_REGISTER, left, right, 0, target);
  }

  /** Like {@link jumpImmediate} on the lower 32 bits. Linux ≥ 5.1. */
  jump32Immediate(condition: JumpCondition, left: Register, immediate: number, target: Label): this {
    return this.#jump(CLASS.jmp32 | JUMP[condition], left, 0, immediate, target);
  }

  goto(target: Label): this {
    return this.#jump(CLASS.jmp | JUMP_ALWAYS, 0, 0, 0, target);
  }

  /** Calls a kernel helper: arguments in R1-R5 (lost), result in R0. */
  call(helper: HelperName): this {
    this.#comment ??= helper;
    return this.#push(CLASS.jmp | CALL, 0, 0, 0, HELPER[helper]);
  }

  /** The map itself, as helpers expect it. */
  loadMap(destination: Register, map: string): this {
    this.#comment ??= `map ${map}`;
    return this.#wide(destination, PSEUDO.mapFd, 0n, map);
  }

  /** Address of byte `offset` in the only value of an array map. Linux ≥ 5.2. */
  loadMapValue(destination: Register, map: string, offset = 0): this {
    this.#comment ??= `&${map}[0] + ${offset}`;
    return this.#wide(destination, PSEUDO.mapValue, BigInt(offset), map);
  }

  /** Address of a kernel variable by BTF id; a per-CPU one still goes through `this_cpu_ptr`. Linux ≥ 5.10. */
  loadKernelVariable(destination: Register, btfId: number): this {
    return this.#wide(destination, PSEUDO.btfId, BigInt(btfId));
  }

  exit(): this {
    return this.#push(CLASS.jmp | EXIT, 0);
  }

  /**
   * The finished program. @throws Error for a label that was never placed or is too far away: a defect of the caller
   */
  build(): Instruction[] {
    const starts: number[] = [];
    let position = 0;
    for (const draft of this.#drafts) {
      starts.push(position);
      position += slots(draft);
    }
    starts.push(position);
    return this.#drafts.map(({ target, ...instruction }, index) => {
      if (!target) return instruction;
      const landing = starts[this.#labels.get(target) ?? -1];
      if (landing === undefined) throw new Error(`label ${target.name} is never placed`);
      const offset = landing - (starts[index] ?? 0) - 1;
      if (offset > 0x7fff || offset < -0x8000) throw new Error(`label ${target.name} is out of reach`);
      return { ...instruction, offset };
    });
  }

  #jump(code: number, left: Register, right: number, immediate: number, target: Label): this {
    this.#append({ ...plain(code, left, right, 0, BigInt(immediate)), target });
    return this;
  }

  #wide(destination: Register, source: number, immediate: bigint, map?: string): this {
    const instruction = {
      ...plain(CLASS.ld | MODE.imm | WIDTH.u64, destination, source, 0, immediate),
      wide: true,
    };
    this.#append(map === undefined ? instruction : { ...instruction, map });
    return this;
  }

  #push(code: number, destination: Register, source = 0, offset = 0, immediate = 0): this {
    this.#append(plain(code, destination, source, offset, BigInt(immediate)));
    return this;
  }

  #append(draft: Draft): void {
    this.#drafts.push(this.#comment === undefined ? draft : { ...draft, comment: this.#comment });
    this.#comment = undefined;
  }
}

function plain(
  code: number,
  destination: Register,
  source: number,
  offset: number,
  immediate: bigint,
): Instruction {
  return { code, destination, source, offset, immediate, wide: false };
}
