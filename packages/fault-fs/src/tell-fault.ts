import { OPCODE, type Request, readWrite } from '@ordeal/fuse';
import { entryPath, linkPath } from './nodes/path.js';
import { askerOf, type IoFault } from './rules/fault-log.js';
import { METHODS, methodOf } from './rules/method.js';
import { subjectOf } from './rules/request-path.js';
import type { GroupRule } from './rules/rule-group.js';
import type { Volume } from './volume.js';

/** What was done to a request. */
export type Deed = Pick<IoFault, 'errno' | 'delay' | 'damaged'>;

/** Tells what a rule does to a request, where its owner wants to hear of it. */
export function tellFault(each: GroupRule, volume: Volume, request: Request, deed: Deed): void {
  const { group, index, rule } = each;
  group.log?.add(() => ({
    time: Date.now(),
    rule: index,
    action: rule.action,
    method: nameOf(methodOf(request.opcode)),
    path: group.relative(pathOf(volume, request)),
    ...extentOf(request),
    asker: askerOf(request.pid),
    ...deed,
  }));
}

/** Tells that a rule changed the attributes in a reply. @param path begins at the root of the file system */
export function tellOverride(each: GroupRule, path: string, method: number, thread: number): void {
  const { group, index, rule } = each;
  group.log?.add(() => ({
    time: Date.now(),
    rule: index,
    action: rule.action,
    method: nameOf(method),
    path: group.relative(path),
    asker: askerOf(thread),
  }));
}

function nameOf(method: number): string {
  return METHODS[method] ?? 'other';
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
