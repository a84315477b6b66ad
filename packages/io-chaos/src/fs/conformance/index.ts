import type { Case } from './case.js';
import { fileCases } from './files.js';
import { nameCases } from './names.js';
import { permissionCases } from './permissions.js';
import { programCases } from './posix-program.js';
import { randomCases } from './random-operations.js';
import { sharingCases } from './sharing.js';

export { CannotRun, type Case, type Observation } from './case.js';
export { compilePosixProgram } from './posix-program.js';

/**
 * What a file system must show as another does, to be taken for it.
 *
 * Left out, because the kernel's FUSE client cannot do it, whatever its server does: FALLOC_FL_COLLAPSE_RANGE and
 * INSERT_RANGE (refused in fs/fuse/file.c), reflinks and FIEMAP (no such operations), the pid that F_OFD_GETLK tells (-1),
 * switching O_DIRECT off by
 * fcntl while passed through, leases and directory notification from the backing side, ioctls whose size is not in their number.
 *
 * @param program made by {@link compilePosixProgram}
 */
export const conformanceCases = (program: string): readonly Case[] => [
  ...fileCases,
  ...nameCases,
  ...permissionCases,
  ...sharingCases,
  ...programCases(program),
  ...randomCases,
];
