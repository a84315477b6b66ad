import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BackingVolume } from '../testing/backing-volume.js';
import { cannotIsSkip } from '../testing/cannot-is-skip.js';
import { ServedVolume } from '../testing/served-volume.js';
import type { ServerArguments } from '../testing/server.js';
import { compilePosixProgram, type Observation, programCases, type VolumeKind } from './index.js';

const scratch = fs.mkdtempSync(join(tmpdir(), 'ordeal-volumes-'));
fs.chmodSync(scratch, 0o755);
const program = compilePosixProgram(scratch);
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

const modes: readonly Partial<ServerArguments>[] = [
  { unmatched: 'direct' },
  { unmatched: 'cached' },
  { unmatched: 'passthrough' },
];

interface Trial {
  readonly kind: VolumeKind;
  readonly make: () => BackingVolume;
  /** Puts into the directory what the case expects there, and makes the volume what it is to be. */
  readonly prepare?: (directory: string, volume: BackingVolume) => void;
  readonly mount?: Partial<ServerArguments>;
}

/** A page of a file that is not passed through is written later: the error is that of msync, and not SIGBUS. */
const MAPPED = 'writing through a mapping where nothing is free';
const lateError: Observation = ['big: ENOSPC', 'msync(memory, 1 << 20, MS_SYNC): ENOSPC'];

/** What a case sees on a fresh volume: through the mount, or beside it, so that all else is the same. */
async function see(trial: Trial, name: string, options: Partial<ServerArguments> | undefined) {
  const volume = trial.make();
  try {
    const served = await ServedVolume.start(volume.directory, { ...trial.mount, ...options });
    const guard = setTimeout(() => served.abort(), 60_000);
    try {
      fs.mkdirSync(join(served.original, 'case'));
      trial.prepare?.(join(served.original, 'case'), volume);
      const directory = join(options ? served.mounted : served.original, 'case');
      const one = programCases(program, trial.kind).find((each) => each.name === name);
      const seen = one?.run(directory);
      assert.equal(served.errors, '');
      return seen as Observation;
    } finally {
      clearTimeout(guard);
      volume.remount('rw');
      await served.stop();
    }
  } finally {
    volume.close();
  }
}

function tryOut(what: string, trial: Trial): void {
  for (const { name } of programCases(program, trial.kind)) {
    test(`${what}: ${name}`, async (t) => {
      try {
        const wanted = await see(trial, name, undefined);
        for (const options of modes) {
          const seen = await see(trial, name, options);
          const late = name === MAPPED && options.unmatched !== 'passthrough';
          assert.deepEqual(seen, late ? lateError : wanted, JSON.stringify(options));
        }
      } catch (error) {
        cannotIsSkip(t, error);
      }
    });
  }
}

tryOut('tmpfs', {
  kind: 'full',
  make: () => BackingVolume.tmpfs('size=4m,nr_inodes=200'),
});
tryOut('ext4', {
  kind: 'full',
  make: () => BackingVolume.inFile(16, ['mkfs.ext4', '-q', '-b', '4096', '-N', '200']),
});

/** A file and a directory, for a volume that nothing can be added to. */
function furnish(directory: string): void {
  fs.writeFileSync(join(directory, 'file'), 'content');
  fs.mkdirSync(join(directory, 'dir'));
  execFileSync('cp', ['/bin/true', join(directory, 'program')]);
  fs.writeFileSync(join(directory, 'script'), '#!/bin/sh\n', { mode: 0o755 });
}

/** MOUNT_ATTR_*, include/uapi/linux/mount.h. */
const [RDONLY, NOSUID, NODEV, NOEXEC] = [1, 2, 4, 8];

tryOut('ext4', {
  kind: 'read-only',
  make: () => BackingVolume.inFile(16, ['mkfs.ext4', '-q', '-b', '4096']),
  prepare: (directory, volume) => {
    furnish(directory);
    volume.remount('ro');
  },
  mount: { attributes: RDONLY },
});
tryOut('tmpfs', {
  kind: 'restricted',
  make: () => BackingVolume.tmpfs('size=4m'),
  prepare: (directory, volume) => {
    furnish(directory);
    volume.remount('nosuid,nodev,noexec');
  },
  mount: { attributes: NOSUID | NODEV | NOEXEC },
});

tryOut('ext4 with user quotas', {
  kind: 'quota',
  make: () =>
    BackingVolume.inFile(32, ['mkfs.ext4', '-q', '-b', '4096', '-O', 'quota', '-E', 'quotatype=usrquota']),
  prepare: (_, volume) => {
    execFileSync('setquota', ['-u', '1000', '0', '1024', '0', '50', volume.directory]);
  },
});
tryOut('btrfs with a limited subvolume', {
  kind: 'quota',
  make: () => BackingVolume.inFile(256, ['mkfs.btrfs', '-q']),
  prepare: (_, volume) => {
    execFileSync('btrfs', ['-q', 'quota', 'enable', volume.directory]);
    execFileSync('btrfs', ['-q', 'qgroup', 'limit', '4M', volume.directory]);
  },
});
