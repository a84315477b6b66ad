import type { Case } from './case.js';
import { fileCases } from './files.js';
import { nameCases } from './names.js';
import { permissionCases } from './permissions.js';
import { programCases } from './posix-program.js';
import { randomCases } from './random-operations.js';
import { sharingCases } from './sharing.js';
import { kernelUseCases } from './uses-by-kernel.js';

export { CannotRun, type Case, type Observation } from './case.js';
export { type Difference, differences } from './differences.js';
export { compilePosixProgram, programCases, type VolumeKind } from './posix-program.js';

/**
 * What a file system must show as another does, to be taken for it; {@link differences} lists what FUSE cannot.
 *
 * @param program made by {@link compilePosixProgram}
 */
export const conformanceCases = (program: string): readonly Case[] => [
  ...fileCases,
  ...nameCases,
  ...permissionCases,
  ...sharingCases,
  ...kernelUseCases,
  ...programCases(program),
  ...randomCases,
];
