import { errnoName } from '@ordeal/diagnostics';
import type { IoFault, ReportedFaults } from '@ordeal/io-chaos';
import type { RunEvent, RunEventListener } from './run-event.js';

/** Reports the faults of an injection as events. @param works its documents, in the order of its rules */
export function ioFaultListener(
  works: readonly { readonly name: string }[],
  onEvent: RunEventListener,
): (reported: ReportedFaults) => void {
  return ({ faults, dropped }) => {
    for (const fault of faults) onEvent(ioFaultEvent(works[fault.rule]?.name ?? '', fault));
    if (dropped === 0) return;
    const experiments = works.map(({ name }) => name);
    onEvent({ type: 'io-faults-dropped', at: new Date().toISOString(), experiments, count: dropped });
  };
}

function ioFaultEvent(experiment: string, fault: IoFault): RunEvent {
  const { time, match, action, method, path, offset, size, caller, errno, delay, damaged } = fault;
  return {
    type: 'io-fault',
    at: new Date(time).toISOString(),
    experiment,
    match,
    action,
    method,
    path,
    offsetBytes: offset,
    sizeBytes: size,
    process: caller?.process,
    thread: caller?.thread,
    command: caller?.command,
    errno: errno === undefined ? undefined : errnoName(errno),
    delayMs: delay,
    damagedBytes: damaged,
  };
}
