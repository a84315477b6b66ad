import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYS, syscall } from '@ordeal/linux';
import { CannotRun } from '../../conformance/index.js';
import { ServedVolume } from '../served-volume.js';
import { type CrashState, readCrashState } from './crash-state.js';
import { type Numbers, prepareTree } from './random-changes.js';

/** How a file system is made, and the megabytes that it needs. */
export const KINDS = {
  ext4: { make: ['mkfs.ext4', '-q', '-F'], megabytes: 32 },
  xfs: { make: ['mkfs.xfs', '-q', '-f'], megabytes: 300 },
  btrfs: { make: ['mkfs.btrfs', '-q', '-f'], megabytes: 128 },
} as const;
export type Kind = keyof typeof KINDS;

/** SYNC_FILE_RANGE_*, include/uapi/linux/fs.h: starts to write, and waits for the end. */
const WRITE_AND_WAIT = 7;

/**
 * A file system of the kernel on a disk with a volatile write cache: the disk is a file of a served volume with a
 * powerLoss rule, which after a cut has for each sector that was not flushed the old or the new content.
 */
export class CrashingDisk {
  /** Where the changes are to be made. */
  readonly root: string;
  readonly #volume: ServedVolume;
  readonly #mounted: string;
  #isMounted = true;

  /** Makes an empty file system in a file. @param path of the file @throws CannotRun where this kernel does not mount it */
  static format(kind: Kind, path: string): void {
    const { make, megabytes } = KINDS[kind];
    execFileSync('truncate', ['-s', `${megabytes}M`, path]);
    const [program, ...words] = make;
    execFileSync(program, [...words, path]);
    const directory = `${path}.mounted`;
    fs.mkdirSync(directory);
    mountFile(path, directory);
    prepareTree(`${directory}/tree`);
    execFileSync('umount', [directory]);
    fs.rmdirSync(directory);
  }

  /** @param template a formatted file; it is copied */
  static async start(template: string): Promise<CrashingDisk> {
    const volume = await ServedVolume.start(tmpdir(), {
      rules: [{ action: 'powerLoss', powerLoss: { lose: 'random', metadata: 'ordered' } }],
      enabled: true,
    });
    try {
      execFileSync('cp', ['--sparse=always', template, `${volume.original}/disk`]);
      return new CrashingDisk(volume);
    } catch (error) {
      await volume.stop();
      throw error;
    }
  }

  private constructor(volume: ServedVolume) {
    this.#volume = volume;
    this.#mounted = fs.mkdtempSync(join(tmpdir(), 'ordeal-disk-'));
    mountFile(`${volume.mounted}/disk`, this.#mounted);
    this.root = `${this.#mounted}/tree`;
  }

  /** What a kernel does at times of its own: writes data of one file back, or commits the journal. */
  writeBack(path: string | undefined, random: Numbers): void {
    const commit = path === undefined || random(2) === 0;
    const file = commit ? `${this.#mounted}/elsewhere` : `${this.root}/${path}`;
    const fd = fs.openSync(file, commit ? 'a' : 'r+');
    if (commit) {
      fs.writeSync(fd, 'x');
      fs.fsyncSync(fd);
    } else syscall('sync_file_range', SYS.sync_file_range, fd, 0, 0, WRITE_AND_WAIT);
    fs.closeSync(fd);
  }

  /** The power fails: the disk is gone at once. @returns what the file system has when it is mounted again */
  async crash(seed: number): Promise<CrashState> {
    await this.#volume.command(`crash ${seed}`);
    this.#unmount();
    mountFile(`${this.#volume.original}/disk`, this.#mounted);
    this.#isMounted = true;
    return readCrashState(this.root);
  }

  async close(): Promise<void> {
    if (this.#isMounted) this.#unmount();
    fs.rmdirSync(this.#mounted);
    await this.#volume.stop();
  }

  #unmount(): void {
    execFileSync('umount', [this.#mounted]);
    this.#isMounted = false;
  }
}

function mountFile(path: string, directory: string): void {
  const { status, stderr } = spawnSync('mount', ['-o', 'loop', path, directory], { encoding: 'utf8' });
  if (status !== 0) throw new CannotRun(`this host does not mount it: ${stderr.split('\n')[0]}`);
}
