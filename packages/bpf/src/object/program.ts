import { cString, ERRNO, Fd, LITTLE_ENDIAN, StructWriter, SYS, trySyscall } from '@ordeal/linux';
import { encodeProgram, type Instruction } from '../asm/instruction.js';
import type { Btf } from '../btf/btf.js';
import { ATTACH_TYPE, ATTR, COMMAND, objectName, PROGRAM_TYPE } from './attr.js';
import type { BpfMap } from './map.js';
import { VerifierError } from './verifier-error.js';

/** Where a program is attached. */
export type Attachment =
  /** BTF based: the whole function, typed arguments. Linux ≥ 5.5 (fmod_ret ≥ 5.7) and a JIT with trampolines. */
  | { readonly kind: 'fmod_ret' | 'fentry' | 'fexit'; readonly function: string }
  /** Breakpoint or ftrace based, arguments in `struct pt_regs`. */
  | { readonly kind: 'kprobe' | 'kretprobe'; readonly function: string }
  | { readonly kind: 'raw_tracepoint'; readonly tracepoint: string };

/** A program before it is loaded; pure. */
export interface ProgramSpec {
  readonly name: string;
  readonly attachment: Attachment;
  readonly instructions: readonly Instruction[];
}

/** Big enough for the log of our longest programs; the kernel answers ENOSPC otherwise and the log is cut. */
const LOG_SIZE = 1 << 20;

/** A program that the verifier accepted. Its loader closes it; a link keeps it alive inside the kernel. */
export interface LoadedProgram {
  readonly spec: ProgramSpec;
  readonly fd: Fd;
}

/**
 * Loads a program. The verifier's log is requested only after a failure, which keeps the normal path fast.
 *
 * @param btf of the running kernel; needed for fentry, fexit and fmod_ret
 * @param maps by the names that the program uses; they must be open
 * @throws VerifierError if the kernel refuses it, or BTF lacks the function
 */
export function loadProgram(spec: ProgramSpec, btf: Btf, maps: ReadonlyMap<string, BpfMap>): LoadedProgram {
  const code = encodeProgram(spec.instructions, (name) => mapFd(maps, name), LITTLE_ENDIAN);
  const silent = attempt(spec, btf, code, undefined);
  if (silent >= 0) return { spec, fd: new Fd(silent, `BPF program ${spec.name}`) };
  const log = new Uint8Array(LOG_SIZE);
  const loud = attempt(spec, btf, code, log);
  if (loud >= 0) return { spec, fd: new Fd(loud, `BPF program ${spec.name}`) };
  throw new VerifierError(spec.name, -silent, new TextDecoder().decode(log.subarray(0, log.indexOf(0))));
}

/** @returns a descriptor, or -errno */
function attempt(spec: ProgramSpec, btf: Btf, code: Uint8Array, log: Uint8Array | undefined): number {
  const offsets = ATTR.programLoad;
  const attr = new StructWriter(offsets.size)
    .u32(offsets.type, programType(spec.attachment))
    .u32(offsets.instructionCount, code.length / 8)
    .pointer(offsets.instructions, code)
    .pointer(offsets.license, cString('GPL'));
  objectName(attr, offsets.name, spec.name);
  const { attachment } = spec;
  if (attachment.kind === 'fmod_ret' || attachment.kind === 'fentry' || attachment.kind === 'fexit') {
    const id = btf.find('func', attachment.function);
    if (id === undefined)
      throw new VerifierError(spec.name, ERRNO.ESRCH, `BTF has no ${attachment.function}`);
    attr.u32(offsets.attachType, ATTACH_TYPE[attachment.kind]).u32(offsets.attachBtfId, id);
  }
  if (log) attr.u32(offsets.logLevel, 1).u32(offsets.logSize, log.length).pointer(offsets.logBuffer, log);
  return trySyscall(SYS.bpf, COMMAND.programLoad, attr.bytes, offsets.size);
}

function programType(attachment: Attachment): number {
  switch (attachment.kind) {
    case 'kprobe':
    case 'kretprobe':
      return PROGRAM_TYPE.kprobe;
    case 'raw_tracepoint':
      return PROGRAM_TYPE.rawTracepoint;
    default:
      return PROGRAM_TYPE.tracing;
  }
}

function mapFd(maps: ReadonlyMap<string, BpfMap>, name: string): number {
  const map = maps.get(name);
  if (!map) throw new Error(`program refers to map ${name}, which is not open`);
  return map.fd.number;
}
