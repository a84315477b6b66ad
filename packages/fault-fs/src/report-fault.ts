import { OPCODE, type Request, readWrite } from '@ordeal/fuse';
import { entryPath, linkPath } from './nodes/path.js';
import { callerOf, type IoFault } from './rules/fault-log.js';
import { METHODS, methodOf } from './rules/method.js';
import { subjectOf } from './rules/request-path.js';
import type { GroupRule } from './rules/rule-group.js';
import type { Fired } from './rules/rule-set.js';
import type { Volume } from './volume.js';

/** What was done to a request. */
export type FaultEffect = Pick<IoFault, 'errno' | 'delay' | 'damaged'>;

/** Reports what a rule does to a request, if its owner wants reports. */
export function reportFault(each: Fired, volume: Volume, request: Request, effect: FaultEffect): void {
  report(each, each.match, () => ({
    method: methodOf(request.opcode),
    path: pathOf(volume, request),
    thread: request.pid,
    effect: { ...extentOf(request), ...effect },
  }));
}

/** Reports that a rule changed the attributes in a reply. @param path begins at the root of the file system */
export function reportOverride(each: GroupRule, path: string, method: number, thread: number): void {
  report(each, each.trigger.matches, () => ({ method, path, thread, effect: {} }));
}

interface FaultedRequest {
  readonly method: number;
  readonly path: string;
  readonly thread: number;
  readonly effect: FaultEffect & Pick<IoFault, 'offset' | 'size'>;
}

/** @param describe is called only if there is room for the fault */
function report({ group, index, rule }: GroupRule, match: number, describe: () => FaultedRequest): void {
  group.log?.add(() => {
    const { method, path, thread, effect } = describe();
    return {
      time: Date.now(),
      rule: index,
      match,
      action: rule.action,
      method: METHODS[method] ?? 'other',
      path: group.relative(path),
      caller: callerOf(thread),
      ...effect,
    };
  });
}

function pathOf(volume: Volume, request: Request): string {
  const subject = subjectOf(volume, request);
  if (!subject) return '';
  return subject.known ? linkPath('', subject.link) : entryPath('', subject.parent, subject.name);
}

function extentOf(request: Request): Pick<IoFault, 'offset' | 'size'> {
  if (request.opcode !== OPCODE.READ && request.opcode !== OPCODE.WRITE) return {};
  const { offset, size } = readWrite(request);
  return { offset: Number(offset), size };
}
