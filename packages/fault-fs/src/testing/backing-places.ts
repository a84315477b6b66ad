import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cString, SYS, trySyscall } from '@ordeal/linux';

const MNT_DETACH = 2;

/** A directory on a file system of some kind, for original trees. */
export interface BackingPlace {
  readonly name: string;
  readonly directory: string;
  /** Few runs are enough here. */
  readonly quick: boolean;
  close(): void;
}

/**
 * File systems that differ in much: one in memory, ext4 in a file, and an overlay. What the host refuses to mount is
 * left out, and its own file system stands in.
 *
 * @param scratch an empty directory that everybody may enter
 */
export function backingPlaces(scratch: string): readonly BackingPlace[] {
  const places = [memory(), ext4(scratch), overlay(scratch)].filter((place) => place !== undefined);
  return places.length === 3 ? places : [...places, plain(tmpdir())];
}

const memory = () => plain('/dev/shm');

function plain(below: string): BackingPlace {
  const directory = mkdtempSync(join(below, 'ordeal-place-'));
  chmodSync(directory, 0o755);
  return {
    name: below,
    directory,
    quick: false,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function ext4(scratch: string): BackingPlace | undefined {
  const image = join(scratch, 'ext4.img');
  execFileSync('truncate', ['-s', '256M', image]);
  execFileSync('mkfs.ext4', ['-q', '-F', '-b', '4096', image]);
  return mounted('ext4', join(scratch, 'ext4'), false, ['-o', 'loop', image]);
}

function overlay(scratch: string): BackingPlace | undefined {
  const layers = ['lower', 'upper', 'work'].map((name) => join(scratch, name));
  for (const layer of layers) mkdirSync(layer);
  const [lower, upper, work] = layers;
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  return mounted('overlay', join(scratch, 'overlay'), true, ['-t', 'overlay', '-o', options, 'overlay']);
}

function mounted(
  name: string,
  directory: string,
  quick: boolean,
  options: readonly string[],
): BackingPlace | undefined {
  mkdirSync(directory);
  const { status } = spawnSync('mount', [...options, directory], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) return undefined;
  const close = () => {
    trySyscall(SYS.umount2, cString(directory), MNT_DETACH);
  };
  return { name, directory, quick, close };
}
