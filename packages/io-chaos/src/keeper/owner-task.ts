import { posix } from 'node:path';
import type { IoFaults } from '../faults.js';
import type { ServedFaults } from '../server/served-rules.js';
import type { KeeperTask } from './keeper-message.js';
import type { OwnedFaults } from './volume-rules.js';

export function faultsOfTask({ rules }: KeeperTask): IoFaults[] {
  return rules.map(({ faults }) => faults);
}

export function ownedFaults(task: KeeperTask): OwnedFaults {
  return { faults: faultsOfTask(task), reported: task.reported, except: task.except };
}

/** How long each rule lasts. */
export function millisecondsOf({ rules }: Pick<KeeperTask, 'rules'>): (number | undefined)[] {
  return rules.map(({ milliseconds }) => milliseconds);
}

/** The task as a server gets it. Patterns are full paths, written without `//`, `.` and a slash at the end. */
export function servedFaults(group: number, task: KeeperTask): ServedFaults {
  const volumePath = posix.normalize(task.path).replace(/(?<=.)\/$/, '');
  const { inside, reported } = task;
  return { group, faults: faultsOfTask(task), volumePath, inside, reported };
}
