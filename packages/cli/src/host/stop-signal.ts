/** Signals that ask a run to end: Ctrl-C, a service manager, a closed terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts when the process is asked to end; until `dispose` these signals do not kill it. */
export interface StopSignal {
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * Catches the signals that ask a run to end.
 *
 * @param reader whether it is also to end when nobody reads the standard output any more
 */
export function catchStopSignals({ reader = false } = {}): StopSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  for (const name of SIGNALS) process.on(name, stop);
  if (reader) process.stdout.on('error', stop);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of SIGNALS) process.off(name, stop);
      process.stdout.off('error', stop);
    },
  };
}
