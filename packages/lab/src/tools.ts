import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { type Flavour, flavours } from './kernel-flavour.js';
import { cacheDirectory } from './paths.js';
import { programPath } from './program-path.js';
import type { ProgressListener } from './progress.js';
import { runProgram } from './run-program.js';
import { requireSupportedHost } from './supported-host.js';

export interface ToolOptions {
  /** What the tools are for: `boot` (the default) needs QEMU only, a flavour what building that kernel needs too. */
  readonly purpose?: 'boot' | Flavour;
  readonly progress?: ProgressListener;
}

/** A Debian package and what shows that its part is there: a program's name or a file's path. */
interface Tool {
  readonly package: string;
  readonly evidence: string;
}

const bootTools: readonly Tool[] = [
  { package: 'qemu-system-x86', evidence: 'qemu-system-x86_64' },
  { package: 'util-linux', evidence: 'setpriv' },
  { package: 'perl-base', evidence: 'perl' },
];

const buildTools: readonly Tool[] = [
  { package: 'gcc', evidence: 'gcc' },
  { package: 'make', evidence: 'make' },
  { package: 'libc6-dev', evidence: '/usr/include/stdio.h' },
  { package: 'binutils', evidence: 'ld' },
  { package: 'flex', evidence: 'flex' },
  { package: 'bison', evidence: 'bison' },
  { package: 'bc', evidence: 'bc' },
  { package: 'cpio', evidence: 'cpio' },
  { package: 'xz-utils', evidence: 'xz' },
  { package: 'libelf-dev', evidence: '/usr/include/gelf.h' },
  { package: 'pahole', evidence: 'pahole' },
];

/**
 * Makes sure that every program the lab calls is there, installing the missing Debian packages with apt-get.
 *
 * @throws UnsupportedError ORD-606 not an x86-64 Linux host
 * @throws OrdealError ORD-601 missing and not installable (not root, no apt-get, no network), naming the packages
 */
export async function prepareTools(options: ToolOptions = {}): Promise<void> {
  requireSupportedHost();
  const missing = await missingPackages(options.purpose ?? 'boot');
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const command = `apt-get install --no-install-recommends ${names}`;
  if (!(await programPath('apt-get'))) {
    const hint = 'Install what corresponds to them by hand.';
    throw new OrdealError(
      'ORD-601',
      `the lab needs the Debian packages ${names}, and there is no apt-get here`,
      { hint },
    );
  }
  if (process.getuid?.() !== 0) {
    throw new OrdealError(
      'ORD-601',
      `the lab needs the Debian packages ${names}; installing them takes root`,
      {
        hint: `sudo ${command}`,
      },
    );
  }
  await install(missing, options.progress);
  const still = await missingPackages(options.purpose ?? 'boot');
  if (still.length > 0) {
    throw new OrdealError('ORD-601', `apt-get installed ${names}, but ${still.join(' ')} is still not there`);
  }
}

/** The Debian packages that are needed for a purpose and not there. */
export async function missingPackages(purpose: 'boot' | Flavour): Promise<string[]> {
  const tools = [...bootTools];
  if (purpose !== 'boot') {
    const { sourcePackage, tarball } = flavours[purpose];
    tools.push(...buildTools, { package: sourcePackage, evidence: tarball });
  }
  const missing: string[] = [];
  for (const tool of tools) if (!(await isThere(tool.evidence))) missing.push(tool.package);
  return missing;
}

async function isThere(evidence: string): Promise<boolean> {
  if (!evidence.startsWith('/')) return (await programPath(evidence)) !== undefined;
  return await access(evidence).then(
    () => true,
    () => false,
  );
}

async function install(packages: readonly string[], progress: ProgressListener | undefined): Promise<void> {
  const lists = await readdir('/var/lib/apt/lists').catch(() => []);
  const hasLists = lists.some((name) => /_Packages(\.\w+)?$/.test(name));
  const installArguments = ['install', '--no-install-recommends', ...packages];
  const stage = `install ${packages.join(' ')}`;
  if (hasLists && (await aptGet(installArguments, stage, progress)).code === 0) return;
  // Lists that are missing or name versions that are no longer served.
  await aptGet(['update'], 'update the package lists', progress);
  const { code, lastLines } = await aptGet(installArguments, stage, progress);
  if (code === 0) return;
  const message = `apt-get could not install ${packages.join(' ')} (exit ${code}); its log is ${aptLogPath()}`;
  throw new OrdealError('ORD-601', message, { detail: lastLines });
}

async function aptGet(argv: readonly string[], stage: string, progress: ProgressListener | undefined) {
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
    onStatusLine: (line) => {
      const fraction = aptFraction(line);
      if (fraction !== undefined) progress?.({ step: 'packages', stage, fraction });
    },
  });
}

/** How far apt-get is by a line of its status descriptor: downloading is the first half, installing the second. */
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
