import { OrdealError } from '@ordeal/diagnostics';
import type { KubeClient } from './client.js';
import { connect, connectInCluster } from './connect.js';
import { log } from './log.js';
import { Metrics } from './metrics.js';
import { type MetricsServer, serveMetrics } from './metrics-server.js';

/** The arguments common to all programs. */
export interface ProgramSettings {
  readonly kubeconfig: string | undefined;
  /** The port of the metrics; undefined = not served. */
  readonly metricsPort: number | undefined;
}

/** A program that works in a cluster. `Settings` are its parsed arguments. */
export interface ClusterProgram<Settings extends ProgramSettings> {
  readonly usage: string;
  /** @throws Error whose message names the wrong argument */
  readonly settingsFrom: (argv: readonly string[]) => Settings;
  /** Runs before any connection. @throws OrdealError if the program cannot work as it was started */
  readonly check?: () => void;
  /**
   * @param client of the cluster that the settings name; closed afterwards
   * @param signal aborts at SIGTERM and SIGINT
   * @param metrics the program adds its metrics here
   * @returns the exit code
   */
  readonly run: (
    client: KubeClient,
    settings: Settings,
    signal: AbortSignal,
    metrics: Metrics,
  ) => Promise<number>;
}

/**
 * Runs a program from its arguments to its exit code: 2 for arguments that are wrong, 1 for an OrdealError, which is
 * logged.
 */
export async function runProgram<Settings extends ProgramSettings>(
  argv: readonly string[],
  { usage, settingsFrom, check, run }: ClusterProgram<Settings>,
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  let settings: Settings;
  try {
    settings = settingsFrom(argv);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const metrics = new Metrics();
  let client: KubeClient | undefined;
  let server: MetricsServer | undefined;
  try {
    check?.();
    const { kubeconfig, metricsPort } = settings;
    if (metricsPort !== undefined) server = await serveMetrics(metrics, metricsPort);
    client = await (kubeconfig === undefined ? connectInCluster() : connect({ files: [kubeconfig] }));
    return await run(client, settings, stop.signal, metrics);
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    log('error', error.message, { code: error.code });
    return 1;
  } finally {
    client?.close();
    server?.close();
  }
}

/** The `--metrics-port` of a program, or `undefined` when it is left out. @throws Error */
export function metricsPortOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : positiveInteger('--metrics-port', text);
}

/** An argument that is a whole number of at least 1. @throws Error */
export function positiveInteger(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${flag}: '${text}' is not a whole number of at least 1`);
  }
  return value;
}
