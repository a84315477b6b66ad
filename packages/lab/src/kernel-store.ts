import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { takeBuildLock } from './build-lock.js';
import { configFragment, configHash } from './kernel-config.js';
import { type Flavour, flavours } from './kernel-flavour.js';
import { cacheDirectory } from './paths.js';
import { runProgram } from './run-program.js';

/** A kernel in the cache, ready to boot. */
export interface Kernel {
  readonly flavour: Flavour;
  /** Its `uname -r`. */
  readonly version: string;
  /** Name and version of the Debian package it was built from, for example `linux-source-6.1 6.1.192-2`. */
  readonly source: string;
  /** Absolute path of the image that `bootVm` takes. */
  readonly imagePath: string;
  /** Absolute path of its full configuration. */
  readonly configPath: string;
  /** Hash of the requested options. */
  readonly configHash: string;
  readonly builtAt: Date;
  readonly sizeBytes: number;
}

type Facts = Pick<Kernel, 'flavour' | 'version' | 'source' | 'configHash'>;

/** The newest cached kernel of a flavour that was built with the current configuration. Builds nothing. */
export async function findKernel(flavour: Flavour): Promise<Kernel | undefined> {
  const hash = configHash(await configFragment(flavour));
  const kernels = await listKernels();
  return kernels.find((kernel) => kernel.flavour === flavour && kernel.configHash === hash);
}

/** Every kernel in the cache, those of older configurations too, newest first. */
export async function listKernels(): Promise<readonly Kernel[]> {
  const names = await readdir(storeDirectory()).catch(() => []);
  const kernels = await Promise.all(names.map((name) => readKernel(join(storeDirectory(), name))));
  const found = kernels.filter((kernel) => kernel !== undefined);
  return found.sort((a, b) => b.builtAt.getTime() - a.builtAt.getTime());
}

/**
 * Removes kernels, build trees, logs and the verdict about KVM.
 * @returns the bytes of disk space that were freed
 * @throws OrdealError ORD-609 while a kernel is being built
 */
export async function clean(): Promise<number> {
  const lock = await takeBuildLock(false);
  if (!lock) throw new OrdealError('ORD-609', `a kernel is being built in ${cacheDirectory()}`);
  try {
    let usedKiB = 0;
    await runProgram(['du', '-sk', cacheDirectory()], {
      onLine: (line) => {
        usedKiB = Number.parseInt(line, 10) || 0;
      },
    });
    for (const name of ['kernels', 'build', 'logs', 'kvm-verdict']) {
      await rm(join(cacheDirectory(), name), { recursive: true, force: true });
    }
    return usedKiB * 1024;
  } finally {
    await lock.release();
  }
}

/** Adds a finished kernel to the store, atomically. The two files are moved. */
export async function storeKernel(key: string, image: string, config: string, facts: Facts): Promise<Kernel> {
  const final = join(storeDirectory(), key);
  const temporary = join(storeDirectory(), `.${key}`);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await rename(image, join(temporary, 'vmlinux'));
  await rename(config, join(temporary, 'config'));
  const record = { ...facts, builtAt: new Date().toISOString() };
  await writeFile(join(temporary, 'kernel.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  await rm(final, { recursive: true, force: true });
  await rename(temporary, final);
  const kernel = await readKernel(final);
  if (!kernel) throw new Error(`${final} cannot be read back`);
  return kernel;
}

/** The cached kernel with exactly this key. */
export async function storedKernel(key: string): Promise<Kernel | undefined> {
  return await readKernel(join(storeDirectory(), key));
}

async function readKernel(directory: string): Promise<Kernel | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(directory, 'kernel.json'), 'utf8'));
    if (!isRecord(record)) return undefined;
    const imagePath = join(directory, 'vmlinux');
    const { size } = await stat(imagePath);
    const { builtAt, ...facts } = record;
    return {
      ...facts,
      imagePath,
      configPath: join(directory, 'config'),
      builtAt: new Date(builtAt),
      sizeBytes: size,
    };
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Facts & { readonly builtAt: string } {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  const texts = ['flavour', 'version', 'source', 'configHash', 'builtAt'];
  return texts.every((name) => typeof record[name] === 'string') && `${record.flavour}` in flavours;
}

function storeDirectory(): string {
  return join(cacheDirectory(), 'kernels');
}
