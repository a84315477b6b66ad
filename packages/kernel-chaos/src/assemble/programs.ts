import type { ProgramSpec } from '@ordeal/bpf';
import type { Blueprint } from './blueprint.js';
import { faultProgram } from './fault-program.js';
import { framePrograms } from './frame-programs.js';
import { processTreePrograms } from './tree-programs.js';

/** All programs of one injection, in the order in which they must be attached. Pure. */
export function assemblePrograms(blueprint: Blueprint): ProgramSpec[] {
  return [...processTreePrograms(blueprint), ...framePrograms(blueprint), faultProgram(blueprint)];
}
