import { access } from 'node:fs/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { installPackages } from './apt-get.js';
import { type Flavour, flavours } from './kernel-flavour.js';
import { programPath } from './program-path.js';
import type { ProgressListener } from './progress.js';
import { requireSupportedHost } from './supported-host.js';

export interface ToolOptions {
  /** The purpose of the tools: `boot` (the default) needs QEMU only, a flavour also the build tools of that kernel. */
  readonly purpose?: 'boot' | Flavour;
  readonly progress?: ProgressListener;
  /** Ends an installation at once. */
  readonly signal?: AbortSignal;
}

/** A Debian package and the evidence that it is installed: a program's name or a file's path. */
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
 * Makes sure that every program the lab calls is installed, installing the missing Debian packages with apt-get.
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
    const hint = 'Install the corresponding packages by hand.';
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
  await installPackages(missing, options);
  const still = await missingPackages(options.purpose ?? 'boot');
  if (still.length > 0) {
    throw new OrdealError('ORD-601', `apt-get installed ${names}, but ${still.join(' ')} is still not there`);
  }
}

/** The Debian packages that are needed for a purpose and not installed. */
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
