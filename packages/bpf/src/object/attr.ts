import type { StructWriter } from '@ordeal/linux';

/**
 * Commands and layouts of bpf(2): include/uapi/linux/bpf.h, `enum bpf_cmd` and `union bpf_attr`. A test checks
 * the offsets against the running kernel's BTF.
 */
export const COMMAND = {
  mapCreate: 0,
  mapLookup: 1,
  mapUpdate: 2,
  mapDelete: 3,
  mapNextKey: 4,
  programLoad: 5,
  programTestRun: 10,
  objectInfo: 15,
  rawTracepointOpen: 17,
} as const;

/** Byte offsets inside `union bpf_attr`, by command. */
export const ATTR = {
  mapCreate: { type: 0, keySize: 4, valueSize: 8, entries: 12, flags: 16, name: 28, size: 72 },
  mapElement: { mapFd: 0, key: 8, value: 16, flags: 24, size: 32 },
  programLoad: {
    type: 0,
    instructionCount: 4,
    instructions: 8,
    license: 16,
    logLevel: 24,
    logSize: 28,
    logBuffer: 32,
    name: 48,
    attachType: 68,
    attachBtfId: 108,
    size: 120,
  },
  testRun: { programFd: 0, returnValue: 4, contextSize: 40, context: 48, size: 80 },
  objectInfo: { fd: 0, length: 4, info: 8, size: 16 },
  rawTracepoint: { name: 0, programFd: 8, size: 16 },
} as const;

/** `BPF_OBJ_NAME_LEN`, the NUL included. */
export const NAME_LENGTH = 16;

/** `enum bpf_prog_type` */
export const PROGRAM_TYPE = { kprobe: 2, rawTracepoint: 17, tracing: 26, syscall: 31 } as const;

/** `enum bpf_attach_type` */
export const ATTACH_TYPE = { fentry: 24, fexit: 25, fmod_ret: 26 } as const;

/** `enum bpf_map_type` */
export const MAP_TYPE = {
  hash: 1,
  array: 2,
  programArray: 3,
  perCpuArray: 6,
  stackTrace: 7,
  ringbuf: 27,
} as const;

/** Object names allow only letters, digits, `_` and `.`. */
export function objectName(attr: StructWriter, offset: number, name: string): StructWriter {
  return attr.chars(offset, NAME_LENGTH, name.replace(/[^A-Za-z0-9_.]/g, '_'));
}
