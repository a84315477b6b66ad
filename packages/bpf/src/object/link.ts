import { readFileSync } from 'node:fs';
import { UnsupportedError } from '@ordeal/diagnostics';
import { cString, Fd, StructWriter, SYS, syscall } from '@ordeal/linux';
import { ATTR, COMMAND } from './attr.js';
import type { LoadedProgram } from './program.js';

/**
 * `struct perf_event_attr`, first published layout with kprobe functions (include/uapi/linux/perf_event.h).
 */
const PERF_ATTR = { type: 0, size: 4, config: 8, function: 56, length: 112 } as const;
/** `PERF_FLAG_FD_CLOEXEC`: a child of this process must not keep a fault armed. */
const PERF_CLOEXEC = 8;
/** `_IOW('$', 8, __u32)` and `_IO('$', 0)` of include/uapi/linux/perf_event.h. */
const PERF_SET_BPF = 0x4004_2408;
const PERF_ENABLE = 0x2400;
const KPROBE_PMU = '/sys/bus/event_source/devices/kprobe';

/**
 * Attaches a loaded program. It runs until the returned descriptor is closed, by `close` or by the end of
 * this process.
 *
 * @throws SyscallError if the kernel refuses, for example because the function cannot be probed
 */
export function attachProgram(program: LoadedProgram): Fd {
  const { attachment, name } = program.spec;
  switch (attachment.kind) {
    case 'kprobe':
    case 'kretprobe':
      return attachKprobe(program, attachment.function, attachment.kind === 'kretprobe');
    case 'raw_tracepoint':
      return openRawTracepoint(program, attachment.tracepoint);
    default:
      return openRawTracepoint(program, undefined, `${attachment.kind} ${attachment.function} for ${name}`);
  }
}

/** Without a tracepoint name, a tracing program is attached to the function that it was loaded for (Linux ≥ 5.5). */
function openRawTracepoint(program: LoadedProgram, tracepoint: string | undefined, what = tracepoint): Fd {
  const offsets = ATTR.rawTracepoint;
  const attr = new StructWriter(offsets.size)
    .pointer(offsets.name, tracepoint === undefined ? undefined : cString(tracepoint))
    .u32(offsets.programFd, program.fd.number);
  const fd = syscall(`attach ${what}`, SYS.bpf, COMMAND.rawTracepointOpen, attr.bytes, offsets.size);
  return new Fd(fd, `BPF link ${what}`);
}

/** Through the kprobe PMU (Linux ≥ 4.17), whose probes vanish with their descriptor, unlike those of tracefs. */
function attachKprobe(program: LoadedProgram, target: string, atReturn: boolean): Fd {
  const what = `${atReturn ? 'kretprobe' : 'kprobe'} ${target}`;
  const pmu = kprobePmu();
  const attr = new StructWriter(PERF_ATTR.length)
    .u32(PERF_ATTR.type, pmu.type)
    .u32(PERF_ATTR.size, PERF_ATTR.length)
    .u64(PERF_ATTR.config, atReturn ? 1n << pmu.returnBit : 0n)
    .pointer(PERF_ATTR.function, cString(target));
  // For a probe with a BPF program, pid and cpu do not filter: the program runs on every CPU. The one named must be
  // online.
  const event = new Fd(
    syscall(`perf_event_open ${what}`, SYS.perf_event_open, attr.bytes, -1, anOnlineCpu(), -1, PERF_CLOEXEC),
    `BPF link ${what}`,
  );
  try {
    syscall(`attach ${what}`, SYS.ioctl, event.number, PERF_SET_BPF, program.fd.number);
    syscall(`enable ${what}`, SYS.ioctl, event.number, PERF_ENABLE, 0);
  } catch (error) {
    event.close();
    throw error;
  }
  return event;
}

function kprobePmu(): { readonly type: number; readonly returnBit: bigint } {
  try {
    const type = Number(readFileSync(`${KPROBE_PMU}/type`, 'utf8'));
    const bit = /config:(\d+)/.exec(readFileSync(`${KPROBE_PMU}/format/retprobe`, 'utf8'))?.[1] ?? '0';
    return { type, returnBit: BigInt(bit) };
  } catch (cause) {
    throw new UnsupportedError(
      'ORD-405',
      'CONFIG_KPROBE_EVENTS',
      `This kernel has no kprobe events (${KPROBE_PMU})`,
      {
        cause,
      },
    );
  }
}

function anOnlineCpu(): number {
  return firstCpu(readFileSync('/sys/devices/system/cpu/online', 'latin1'));
}

/** The first of a list of CPUs as the kernel prints it: `1-3,6`. */
export function firstCpu(list: string): number {
  return Number(/^\d+/.exec(list)?.[0] ?? 0);
}
