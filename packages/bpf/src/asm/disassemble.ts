import { HELPER } from './bpf-helper.js';
import { type Instruction, slots } from './instruction.js';
import { ALU, CALL, CLASS, EXIT, JUMP, JUMP_ALWAYS, MODE, SOURCE_REGISTER, WIDTH } from './opcode.js';

const helperNames = new Map<number, string>(Object.entries(HELPER).map(([name, id]) => [id, name]));
const aluSigns: Record<string, string> = {
  add: '+=',
  sub: '-=',
  mul: '*=',
  div: '/=',
  or: '|=',
  and: '&=',
  lsh: '<<=',
  rsh: '>>=',
  mod: '%=',
  xor: '^=',
  mov: '=',
  arsh: 's>>=',
};
const jumpSigns: Record<string, string> = {
  eq: '==',
  gt: '>',
  ge: '>=',
  set: '&',
  ne: '!=',
  sgt: 's>',
  sge: 's>=',
  lt: '<',
  le: '<=',
  slt: 's<',
  sle: 's<=',
};

/**
 * A program as a listing, one line per instruction, in the notation of the kernel's verifier log:
 * `  12: if r0 == 0 goto 40    ; not in scope`.
 */
export function disassemble(instructions: readonly Instruction[]): string[] {
  let position = 0;
  return instructions.map((instruction) => {
    const text = statement(instruction, position);
    const line = `${String(position).padStart(4)}: ${text}`;
    position += slots(instruction);
    return instruction.comment === undefined ? line : `${line.padEnd(48)} ; ${instruction.comment}`;
  });
}

function statement(instruction: Instruction, position: number): string {
  const { code, destination, source, offset, immediate } = instruction;
  const operand = code & SOURCE_REGISTER ? `r${source}` : String(immediate);
  const kind = code & 0x07;
  switch (kind) {
    case CLASS.alu:
    case CLASS.alu64: {
      const prefix = kind === CLASS.alu ? 'w' : 'r';
      const name = nameOf(ALU, code & 0xf0);
      if (name === 'neg') return `${prefix}${destination} = -${prefix}${destination}`;
      return `${prefix}${destination} ${aluSigns[name] ?? name} ${operand.replace('r', prefix)}`;
    }
    case CLASS.jmp:
    case CLASS.jmp32: {
      if (kind === CLASS.jmp && (code & 0xf0) === EXIT) return 'exit';
      if (kind === CLASS.jmp && (code & 0xf0) === CALL) {
        return `call ${helperNames.get(Number(immediate)) ?? `helper ${immediate}`}`;
      }
      const landing = position + 1 + offset;
      if ((code & 0xf0) === JUMP_ALWAYS) return `goto ${landing}`;
      const prefix = kind === CLASS.jmp32 ? 'w' : 'r';
      const sign = jumpSigns[nameOf(JUMP, code & 0xf0)] ?? '?';
      return `if ${prefix}${destination} ${sign} ${operand.replace('r', prefix)} goto ${landing}`;
    }
    case CLASS.ld:
      return instruction.map === undefined
        ? `r${destination} = ${source === 3 ? 'btf variable ' : ''}${immediate} ll`
        : `r${destination} = ${source === 2 ? '&' : 'map '}${instruction.map}${source === 2 ? `[0] + ${immediate}` : ''}`;
    default:
      return memory(instruction, kind);
  }
}

function memory({ code, destination, source, offset, immediate }: Instruction, kind: number): string {
  const width = nameOf(WIDTH, code & 0x18);
  const place = (base: number) => `*(${width} *)(r${base} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)})`;
  if (kind === CLASS.ldx) return `r${destination} = ${place(source)}`;
  if (kind === CLASS.st) return `${place(destination)} = ${immediate}`;
  if ((code & 0xe0) === MODE.atomic) {
    const add = `lock ${place(destination)} += r${source}`;
    return immediate & 1n ? `r${source} = fetch ${add}` : add;
  }
  return `${place(destination)} = r${source}`;
}

function nameOf(table: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(table).find(([, number]) => number === value)?.[0] ?? `op ${value}`;
}
