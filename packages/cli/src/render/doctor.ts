import type { FuseAbility } from '@ordeal/fuse';
import type { FaultVerdict, Verdict } from '@ordeal/node';
import type { Paint } from '../output/paint.js';
import { canFailSystemCalls, canInject, type DoctorReport } from '../report/doctor-report.js';

type Row = readonly [name: string, works: boolean | undefined, text: string];

/** The results as a table, and what to do next. */
export function renderDoctor(report: DoctorReport, paint: Paint): string {
  const { kernel, distribution, architecture, cgroups, blocked } = report;
  const known = distribution === undefined ? '' : ` (${distribution})`;
  const rows: Row[] = [
    ...(blocked === undefined ? [] : ([['kernel faults', false, blocked]] as const)),
    ...withSame(report.faults.map((fault) => faultRow(fault))),
    ...framesRow(report),
    ioRow(report),
    labRow(report),
  ];
  const lines = rows.map(([name, works, text]) => {
    const answer = works === undefined ? '?' : works ? 'yes' : 'no';
    const colour = paint(works === undefined ? 'warned' : works ? 'lifted' : 'failed', answer);
    return `  ${name.padEnd(19)}${colour}${' '.repeat(6 - answer.length)}${text}`;
  });
  const head = `Linux ${kernel}${known}, ${architecture}, ${cgroups}`;
  return `${[head, ...lines, `What to do: ${nextStep(report)}`].join('\n')}\n`;
}

function faultRow({ what, mechanisms }: FaultVerdict): Row {
  const name = `${what.replace(/ (allocations|requests)$/, '').replace(/s$/, '')} faults`;
  const works = mechanisms.some((each) => each.works === true);
  const unknown = !works && mechanisms.some((each) => each.works === undefined);
  const working = mechanisms.filter((each) => each.works === true).map((each) => each.mechanism);
  return [name, unknown ? undefined : works, [...working, ...needs(mechanisms)].join(', ')];
}

/** What the mechanisms that do not work need; once if all need the same. */
function needs(mechanisms: FaultVerdict['mechanisms']): string[] {
  const others = mechanisms.filter((each) => each.works !== true);
  const texts = others.map((each) => `needs ${each.missing ?? `another kernel (${each.reason})`}`);
  if (others.length === mechanisms.length && new Set(texts).size === 1) return texts.slice(0, 1);
  return others.map((each, index) => `${each.mechanism} ${texts[index]}`);
}

/** A row that equals the one before refers to it. */
function withSame(rows: readonly Row[]): Row[] {
  return rows.map((row, index) => {
    const before = rows[index - 1];
    return before?.[2] === row[2] && before[1] === row[1] ? [row[0], row[1], 'same'] : row;
  });
}

function framesRow({ frames }: DoctorReport): Row[] {
  if (frames.length === 0) return [];
  const works = frames.some((each) => each.works === true);
  const unknown = !works && frames.some((each) => each.works === undefined);
  const text = frames.map((each) => (each.works ? each.hook : `${each.hook}: ${each.reason}`)).join(', ');
  return [['call chains', unknown ? undefined : works, text]];
}

function ioRow({ io: { fuse, ptrace, openFiles } }: DoctorReport): Row {
  const unknown = fuse.works === undefined || ptrace.works === undefined;
  const works = unknown ? undefined : fuse.works && ptrace.works;
  const text = [
    fuse.ability ? fuseWords(fuse.ability) : reasonOf(fuse),
    ptrace.works ? 'ptrace allowed' : reasonOf(ptrace),
    ...(works ? [`up to ${openFiles} open files in a volume`] : []),
  ].join(', ');
  return ['I/O chaos', works, text];
}

function fuseWords({ protocol, passthrough }: FuseAbility): string {
  // Files that no rule matches then go through the server, too: they work, but slower.
  return `FUSE ${protocol} ${passthrough ? 'with' : 'without'} passthrough`;
}

function labRow({ lab: { qemu, kernels } }: DoctorReport): Row {
  if (!qemu.works) return ['lab', false, `${qemu.reason}; ordeal lab build installs it`];
  const built = kernels.length === 0 ? 'no kernel built yet' : `kernel ${kernels.join(', ')}`;
  return ['lab', true, `QEMU, ${built}`];
}

function reasonOf({ missing, reason }: Verdict): string {
  return missing === undefined ? reason : `${reason} (needs ${missing})`;
}

function nextStep(report: DoctorReport): string {
  if (canInject(report)) return 'kernel faults can be injected here: sudo ordeal run FILE -- CMD';
  const io = report.io.fuse.works && report.io.ptrace.works;
  if (report.faults.some(({ mechanisms }) => mechanisms.some(({ works }) => works === undefined))) {
    return 'run this as root, so that programs can be tried: sudo ordeal doctor';
  }
  if (canFailSystemCalls(report))
    return 'system calls can fail here: function: openat, errno: ENOMEM, for example, in place of failtype (ordeal functions --injectable); for the rest: ordeal lab run FILE -- CMD';
  const rehearse = 'kernel faults can be rehearsed in a VM: ordeal lab run FILE -- CMD';
  return io ? `I/O faults can be injected here: sudo ordeal run FILE --pid N; ${rehearse}` : rehearse;
}
