import { ATTR_OUT_ATTR, attrFromStatx, ENTRY_ATTR, ENTRY_OUT, type Reply, STATX } from '@ordeal/fuse';
import { call1, call4, call5, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { AT, O, S, STATX_BASIC } from '../backing/file-flags.js';
import type { Link, Node } from '../nodes/node.js';
import type { Volume } from '../volume.js';

const ONE_TICK = 1;
const LOOKUP_FLAGS = AT.SYMLINK_NOFOLLOW | AT.NO_AUTOMOUNT;

/**
 * Finds the entry at address `name` of `parent`, and leaves its statx in the scratch memory. The kernel is not told
 * yet: {@link writeEntry} counts the lookup.
 *
 * @returns the link, or `-errno`
 */
export function lookUp(volume: Volume, parent: Node, name: number, key: string): Link | number {
  const fd = volume.descriptors.of(parent);
  if (fd < 0) return fd;
  // A new name mostly is a new node's, which needs a descriptor in any case.
  if (parent.children?.has(key)) {
    const link = lookUpKnown(volume, parent, fd, name, key);
    if (link !== undefined) return link;
  }
  const path = call4(SYS.openat, fd, name, O.PATH | O.NOFOLLOW | O.CLOEXEC, 0);
  if (path < 0) return path;
  return adopt(volume, parent, key, path);
}

/** Without opening the entry. @returns the link, `-errno`, or `undefined` where the entry is no known node */
function lookUpKnown(
  volume: Volume,
  parent: Node,
  fd: number,
  name: number,
  key: string,
): Link | number | undefined {
  const { scratch, table, descriptors } = volume;
  const failed = call5(SYS.statx, fd, name, LOOKUP_FLAGS, STATX_BASIC, scratch.statx);
  if (failed < 0) return failed;
  const { device, ino } = volume.statxIdentity();
  const known = table.find(device, ino);
  // A held descriptor keeps the inode from being reused; a given-up one does not.
  if (!known || !(descriptors.holds(known) || descriptors.isSame(known, fd, name))) return undefined;
  return table.link(parent, key, known);
}

/** Takes over an O_PATH descriptor of an entry; closes it where the node is known already. @returns the link or `-errno` */
export function adopt(volume: Volume, parent: Node, key: string, path: number): Link | number {
  const { table } = volume;
  const failed = volume.statxFd(path);
  if (failed < 0) {
    call1(SYS.close, path);
    return failed;
  }
  return table.link(parent, key, adoptNode(volume, path));
}

/** The node behind an O_PATH descriptor whose statx is in the scratch memory; takes the descriptor over. */
export function adoptNode(volume: Volume, path: number): Node {
  const { table, descriptors } = volume;
  const { device, ino, type } = volume.statxIdentity();
  const known = table.find(device, ino);
  if (known && descriptors.holds(known)) {
    call1(SYS.close, path);
    return known;
  }
  if (known && descriptors.isSameDescriptor(known, path)) {
    descriptors.adopt(known, path);
    return known;
  }
  if (known) table.disown(known);
  const node = table.add(device, ino, type);
  descriptors.adopt(node, path);
  return node;
}

/** Writes fuse_entry_out for a link whose statx is in the scratch memory, and counts the lookup. */
export function writeEntry(volume: Volume, link: Link, reply: Reply, at = 0): number {
  return writeNodeEntry(volume, link.node, link, reply, at);
}

export function writeNodeEntry(
  volume: Volume,
  node: Node,
  link: Link | undefined,
  reply: Reply,
  at = 0,
): number {
  const { attributeTimeoutSeconds } = volume.options;
  node.lookups++;
  reply.u64(at, node.id);
  reply.u64(at + 8, node.generation);
  reply.u64(at + 16, attributeTimeoutSeconds);
  reply.u64(at + 24, attributeTimeoutSeconds);
  reply.u32(at + 32, 0);
  reply.u32(at + 36, instant(volume, link));
  writeAttr(volume, link, reply, at + ENTRY_ATTR);
  return ENTRY_OUT;
}

/** Writes fuse_attr_out from the statx in the scratch memory. */
export function writeAttrOut(volume: Volume, link: Link | undefined, reply: Reply): number {
  reply.u64(0, volume.options.attributeTimeoutSeconds);
  reply.u32(8, instant(volume, link));
  reply.u32(12, 0);
  writeAttr(volume, link, reply, ATTR_OUT_ATTR);
  return ATTR_OUT_ATTR + 88;
}

/**
 * Extra attribute timeout, in nanoseconds, where no rule applies. The kernel counts in ticks, so this is one tick: one system call need not ask
 * for the same permissions again and again. Only others who use the original tree could notice, and only for directories
 * whose attributes no rule can meet; what changes through the mount is never stale.
 */
function instant(volume: Volume, link: Link | undefined): number {
  const { scratch } = volume;
  const type = scratch.view.getUint16(scratch.statxAt + STATX.mode, LITTLE_ENDIAN) & S.IFMT;
  return type === S.IFDIR && !volume.policy.meetsAttributes(link) ? ONE_TICK : 0;
}

function writeAttr(volume: Volume, link: Link | undefined, reply: Reply, at: number): void {
  attrFromStatx(reply.view, at, volume.scratch.view, volume.scratch.statxAt);
  volume.policy.overrideAttr(link, reply.view, at);
}
