import { constants } from 'node:fs';
import { connectionOf, createFuseMount, openFuseDevice, openWaiting } from '@ordeal/fuse';
import { type Fd, identifyDescriptor, type Mount } from '@ordeal/linux';
import type { CheckedVolume } from '../volume/check-volume.js';

/** MOUNT_ATTR_*, include/uapi/linux/mount.h, by their names in mountinfo. */
const ATTRIBUTES: { readonly [option: string]: number } = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  noatime: 0x10,
  nodiratime: 0x80,
};

/** A FUSE file system that is not mounted anywhere yet. The owner closes the descriptors. */
export interface VolumeMount {
  readonly device: Fd;
  readonly mount: Fd;
  readonly connection: number;
  /** See {@link requestsWaiting}. */
  readonly waiting: Fd;
}

/** Creates a file system that can be mounted over a volume. @throws OrdealError ORD-704, UnsupportedError ORD-701 */
export function makeVolumeMount({ origin, mount }: CheckedVolume, source: string): VolumeMount {
  const device = openFuseDevice();
  let mounted: Fd | undefined;
  try {
    mounted = createFuseMount(device, {
      source,
      subtype: 'ordeal',
      rootMode: identifyDescriptor(origin.number).mode & (constants.S_IFMT | 0o7777),
      attributes: attributesOf(mount),
      defaultPermissions: true,
    });
    const connection = connectionOf(mounted);
    return { device, mount: mounted, connection, waiting: openWaiting(connection) };
  } catch (error) {
    mounted?.close();
    device.close();
    throw error;
  }
}

function attributesOf(mount: Mount | undefined): number {
  return (mount?.options ?? []).reduce((bits, option) => bits | (ATTRIBUTES[option] ?? 0), 0);
}
