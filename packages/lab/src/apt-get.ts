import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { cacheDirectory } from './paths.js';
import type { ProgressListener } from './progress.js';
import { runProgram } from './run-program.js';

interface AptOptions {
  readonly progress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Installs Debian packages, bringing the package lists up to date when they are missing or out of date.
 * @throws OrdealError ORD-601 with apt-get's last lines and the path of its log, ORD-612 when aborted
 */
export async function installPackages(packages: readonly string[], options: AptOptions): Promise<void> {
  const lists = await readdir('/var/lib/apt/lists').catch(() => []);
  const hasLists = lists.some((name) => /_Packages(\.\w+)?$/.test(name));
  const installArguments = ['install', '--no-install-recommends', ...packages];
  const stage = `install ${packages.join(' ')}`;
  if (hasLists && (await aptGet(installArguments, stage, options)).code === 0) return;
  // Lists that are missing or contain versions that are no longer served.
  await aptGet(['update'], 'update the package lists', options);
  const { code, lastLines } = await aptGet(installArguments, stage, options);
  if (code === 0) return;
  const message = `apt-get could not install ${packages.join(' ')} (exit ${code}); its log is ${aptLogPath()}`;
  throw new OrdealError('ORD-601', message, { detail: lastLines });
}

async function aptGet(argv: readonly string[], stage: string, { progress, signal }: AptOptions) {
  await mkdir(join(cacheDirectory(), 'logs'), { recursive: true });
  progress?.({ step: 'packages', stage });
  const settings = [
    'APT::Status-Fd=3',
    'DPkg::Lock::Timeout=120',
    'Acquire::http::Timeout=30',
    'Dpkg::Use-Pty=0',
  ];
  const options = settings.flatMap((setting) => ['-o', setting]);
  return await runProgram(['apt-get', '-y', ...options, ...argv], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    logPath: aptLogPath(),
    signal,
    onStatusLine: (line) => {
      const fraction = aptFraction(line);
      if (fraction !== undefined) progress?.({ step: 'packages', stage, fraction });
    },
  });
}

/**
 * The progress of apt-get from a line of its status descriptor: downloading is the first half, installing the second.
 */
export function aptFraction(line: string): number | undefined {
  const [kind, , percent] = line.split(':');
  const share = Number(percent) / 200;
  if (!Number.isFinite(share)) return undefined;
  if (kind === 'dlstatus') return share;
  return kind === 'pmstatus' ? 0.5 + share : undefined;
}

function aptLogPath(): string {
  return join(cacheDirectory(), 'logs', 'apt.log');
}
