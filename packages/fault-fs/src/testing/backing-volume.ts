import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cString, SYS, trySyscall } from '@ordeal/linux';
import { CannotRun } from '../conformance/index.js';

const MNT_DETACH = 2;

/** A file system of its own, mounted for a test. */
export class BackingVolume {
  readonly directory: string;
  readonly #scratch: string;

  /** A tmpfs. @param options such as `size=4m` */
  static tmpfs(options: string): BackingVolume {
    return new BackingVolume(() => ['-t', 'tmpfs', '-o', options, 'ordeal-test']);
  }

  /**
   * A file system in a file.
   *
   * @param make the program that makes it, with its options; the file's name comes last
   * @throws CannotRun where this kernel does not mount it
   */
  static inFile(megabytes: number, make: readonly string[], options: readonly string[] = []): BackingVolume {
    return new BackingVolume((scratch) => {
      const image = join(scratch, 'image');
      execFileSync('truncate', ['-s', `${megabytes}M`, image]);
      const [program = '', ...words] = make;
      execFileSync(program, [...words, image]);
      return ['-o', ['loop', ...options].join(','), image];
    });
  }

  private constructor(mountWords: (scratch: string) => readonly string[]) {
    this.#scratch = mkdtempSync(join(tmpdir(), 'ordeal-volume-'));
    execFileSync('chmod', ['755', this.#scratch]);
    this.directory = join(this.#scratch, 'mount');
    mkdirSync(this.directory);
    const words = mountWords(this.#scratch);
    const { status, stderr } = spawnSync('mount', [...words, this.directory], { encoding: 'utf8' });
    if (status === 0) return;
    rmSync(this.#scratch, { recursive: true });
    throw new CannotRun(`this host does not mount it: ${stderr.split('\n')[0]}`);
  }

  /** Changes options of the mount alone: `ro`, `nodev,noexec,nosuid`. */
  remount(options: string): void {
    execFileSync('mount', ['-o', `remount,bind,${options}`, this.directory]);
  }

  close(): void {
    trySyscall(SYS.umount2, cString(this.directory), MNT_DETACH);
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}
