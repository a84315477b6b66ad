import { access, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { type BuildEstimate, isCompiledObject } from './build-estimate.js';
import { lostOptions } from './kernel-config.js';
import { cacheDirectory } from './paths.js';
import { runProgram } from './run-program.js';

/** Disk space of unpacked sources and objects, measured and rounded up. */
const NEEDED_BYTES = 3.5 * 1024 ** 3;
/** The same when the sources are unpacked already. */
const NEEDED_TO_GO_ON_BYTES = 1.6 * 1024 ** 3;

export interface BuiltFiles {
  /** The kernel without debug sections (its BTF stays), as an ELF file that boots through PVH. */
  readonly image: string;
  readonly config: string;
  /** The future output of `uname -r`. */
  readonly release: string;
}

/** The directory in the cache where one kernel is built. The caller holds the build lock. */
export class BuildTree {
  readonly directory: string;
  readonly logPath: string;
  readonly #tarball: string;
  readonly #signal: AbortSignal | undefined;

  constructor(key: string, tarball: string, signal?: AbortSignal) {
    this.directory = join(cacheDirectory(), 'build', key);
    this.logPath = join(cacheDirectory(), 'logs', `build-${key}.log`);
    this.#tarball = tarball;
    this.#signal = signal;
  }

  /** Objects that earlier attempts in this directory compiled; 0 before it is unpacked. */
  async compiledBefore(): Promise<number> {
    if (!(await exists(this.#unpackedMark))) return 0;
    const log = await readFile(this.logPath, 'utf8').catch(() => '');
    return Math.max(1, log.split('\n').filter(isCompiledObject).length);
  }

  /**
   * Unpacks, configures, compiles and strips, continuing from an earlier attempt.
   * @throws OrdealError ORD-602, ORD-603, ORD-604, ORD-612
   */
  async build(fragment: string, estimate: BuildEstimate): Promise<BuiltFiles> {
    await mkdir(join(cacheDirectory(), 'logs'), { recursive: true });
    await mkdir(join(cacheDirectory(), 'build'), { recursive: true });
    await this.#requireSpace();
    if (!(await exists(this.#unpackedMark))) await this.#unpack(estimate);
    estimate.enter('configure');
    await this.#configure(fragment);
    const jobs = `-j${availableParallelism()}`;
    await this.#make('compile', ['make', jobs, `KCFLAGS=${LESS_DEBUG_INFO}`, 'vmlinux'], (line) =>
      estimate.take(line),
    );
    estimate.enter('install');
    await this.#make('strip', ['strip', '-o', 'vmlinux.stripped', 'vmlinux']);
    const release = await readFile(join(this.directory, 'include/config/kernel.release'), 'utf8');
    const image = join(this.directory, 'vmlinux.stripped');
    return { image, config: join(this.directory, '.config'), release: release.trim() };
  }

  /**
   * Removes the directories of unfinished builds that will not be continued: same flavour, other version or options.
   */
  async removeStale(flavour: string): Promise<void> {
    const parent = dirname(this.directory);
    for (const name of await readdir(parent).catch(() => [])) {
      const directory = join(parent, name);
      if (name.startsWith(`${flavour}.`) && directory !== this.directory)
        await rm(directory, { recursive: true });
    }
  }

  /** Removes the directory; the log stays. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  get #unpackedMark(): string {
    return join(this.directory, '.ordeal-unpacked');
  }

  async #requireSpace(): Promise<void> {
    const needed = (await exists(this.#unpackedMark)) ? NEEDED_TO_GO_ON_BYTES : NEEDED_BYTES;
    const { bavail, bsize } = await statfs(cacheDirectory());
    if (bavail * bsize >= needed) return;
    const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
    const message = `building a kernel needs ${gib(needed)} in ${cacheDirectory()}, and ${gib(bavail * bsize)} is free`;
    throw new OrdealError('ORD-602', message);
  }

  async #unpack(estimate: BuildEstimate): Promise<void> {
    estimate.enter('unpack');
    if (!(await exists(this.#tarball))) {
      throw new OrdealError('ORD-604', `the kernel sources ${this.#tarball} do not exist`);
    }
    await this.remove();
    await mkdir(this.directory, { recursive: true });
    await rm(this.logPath, { force: true });
    const tar = [
      'tar',
      '--extract',
      '--file',
      this.#tarball,
      '--directory',
      this.directory,
      '--strip-components=1',
    ];
    const { code, lastLines } = await runProgram(tar, { logPath: this.logPath, signal: this.#signal });
    if (code !== 0) {
      throw new OrdealError('ORD-604', `${this.#tarball} cannot be unpacked; see ${this.logPath}`, {
        detail: lastLines,
      });
    }
    await writeFile(this.#unpackedMark, '');
  }

  async #configure(fragment: string): Promise<void> {
    const path = join(this.directory, '.ordeal-fragment');
    // Unchanged files keep their time stamps, so that a continued build compiles nothing twice.
    if ((await readFile(path, 'utf8').catch(() => '')) === fragment) return;
    const wanted = join(this.directory, '.ordeal-wanted');
    await writeFile(wanted, fragment);
    await this.#make('configure', ['make', `KCONFIG_ALLCONFIG=${wanted}`, 'allnoconfig']);
    const lost = lostOptions(fragment, await readFile(join(this.directory, '.config'), 'utf8'));
    if (lost.length > 0) {
      const message = `these sources do not accept ${lost.length} of the lab's kernel options`;
      throw new OrdealError('ORD-603', message, { detail: lost });
    }
    await writeFile(path, fragment);
  }

  async #make(stage: string, argv: readonly string[], onLine?: (line: string) => void): Promise<void> {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C', ...REPRODUCIBLE };
    const options = { cwd: this.directory, env, logPath: this.logPath, signal: this.#signal };
    // A killed make ends only after its compilers: the next build waits until the last of them has closed this file.
    const busy = ['flock', '--no-fork', join(this.directory, '.ordeal-busy')];
    const { code, lastLines } = await runProgram(
      [...busy, ...argv],
      onLine ? { ...options, onLine } : options,
    );
    if (code === 0) return;
    const message = `the kernel build failed at ${stage} (${argv.join(' ')}: exit ${code}); its log is ${this.logPath}`;
    throw new OrdealError('ORD-603', message, { detail: lastLines });
  }
}

/**
 * Debug information is only read to make BTF of its types: where variables live and which column a statement begins
 * in is left out. The code stays the same, and a fifth of the compiler's time is saved.
 */
const LESS_DEBUG_INFO =
  '-fno-var-tracking -fno-var-tracking-assignments -gno-statement-frontiers -gno-column-info';

/** The build does not see the user's environment, nor the kernel the host's name. */
const REPRODUCIBLE = { KBUILD_BUILD_USER: 'ordeal', KBUILD_BUILD_HOST: 'lab' } as const;

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
