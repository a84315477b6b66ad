import { clusterCodes } from './codes/cluster.js';
import { documentCodes } from './codes/document.js';
import { hostCodes } from './codes/host.js';
import { ioCodes } from './codes/io.js';
import { kernelCodes } from './codes/kernel.js';
import { labCodes } from './codes/lab.js';
import { moveCodes } from './codes/move.js';
import { predicateCodes } from './codes/predicate.js';
import { supervisorCodes } from './codes/supervisor.js';
import { targetCodes } from './codes/target.js';
import { usageCodes } from './codes/usage.js';

/** The reference entry of one stable error code. */
export interface CodeEntry {
  /** One line: what is wrong. */
  readonly title: string;
  /** What to do about it. */
  readonly wayOut: string;
}

/** Every stable code that Ordeal can print. The reference is generated from this table. */
export const codes = {
  ...documentCodes,
  ...predicateCodes,
  ...targetCodes,
  ...kernelCodes,
  ...ioCodes,
  ...hostCodes,
  ...labCodes,
  ...moveCodes,
  ...clusterCodes,
  ...supervisorCodes,
  ...usageCodes,
} as const satisfies Record<string, CodeEntry>;

/** A stable error code, for example `ORD-101`. */
export type Code = keyof typeof codes;
