import type { RecordedFault, ReplayResult } from '@ordeal/node';
import { counted, grouped } from './number.js';

/** How a replay differs from its record. Whole lines. */
export function renderReplay(result: ReplayResult): string {
  return [headOf(result), ...detailsOf(result)].map((line) => `${line}\n`).join('');
}

function headOf({ same, recorded, repeated, shifted, exitCode, recordedExitCode }: ReplayResult): string {
  const others = shifted === 0 ? '' : `, ${grouped(shifted)} of them at another request`;
  const end = exitWords(exitCode, recordedExitCode);
  return `replay: ${same ? '' : 'differs: '}${grouped(repeated)} of ${counted(recorded, 'recorded fault')} repeated${others}; ${end}`;
}

function exitWords(exitCode: number, recorded: number | undefined): string {
  if (recorded === undefined) return `exit code ${exitCode}, the record does not say how its run ended`;
  return `exit code ${exitCode}, ${exitCode === recorded ? 'as recorded' : `${recorded} was recorded`}`;
}

function detailsOf(result: ReplayResult): string[] {
  const { kernelFaults, firstShifted, firstMissing, firstExtra, incomplete } = result;
  const kernel = `  kernel faults: ${grouped(kernelFaults.replayed)}, ${grouped(kernelFaults.recorded)} were recorded`;
  return [
    ...firstShifted.map(
      ({ recorded, replayed }) =>
        `  at another request: ${faultWords(replayed)}, recorded at ${requestWords(recorded)}`,
    ),
    ...more(result.shifted, firstShifted),
    ...firstMissing.map((fault) => `  missing: ${faultWords(fault)}`),
    ...more(result.missing, firstMissing),
    ...firstExtra.map((fault) => `  not recorded: ${faultWords(fault)}`),
    ...more(result.extra, firstExtra),
    ...(kernelFaults.recorded === kernelFaults.replayed ? [] : [kernel]),
    ...(incomplete
      ? ['  faults of this run came faster than they could be reported: some seem to be missing']
      : []),
  ];
}

function more(count: number, named: readonly unknown[]): string[] {
  return count > named.length ? [`  and ${grouped(count - named.length)} more`] : [];
}

/** `match 17 of eio, write wal/0001, 4 096 bytes at 8 192` */
function faultWords(fault: RecordedFault): string {
  return `match ${grouped(fault.match)} of ${fault.experiment}, ${requestWords(fault)}`;
}

function requestWords({ method, path, offsetBytes, sizeBytes }: RecordedFault): string {
  const extent =
    sizeBytes === undefined ? '' : `, ${counted(sizeBytes, 'byte')} at ${grouped(offsetBytes ?? 0)}`;
  return `${method} ${path}${extent}`;
}
