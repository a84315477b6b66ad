import { constants } from 'node:fs';
import { ERRNO, EventFd } from '@ordeal/linux';
import { createFuseMount, openFuseDevice } from './mount.js';
import { DeviceChannel } from './session/device-channel.js';
import { Session } from './session/session.js';
import { type Agreement, INIT2 } from './wire/index.js';

/** How long the kernel may take to send the first request, in milliseconds. */
const LIMIT = 2_000;

/** The FUSE features of this kernel. */
export interface FuseAbility {
  /** The protocol version in use, `7.45`: the older one of the kernel's and Ordeal's. */
  readonly protocol: string;
  /** Data of files that no rule matches bypasses the server (Linux 6.9, CONFIG_FUSE_PASSTHROUGH). */
  readonly passthrough: boolean;
  /** Files that are opened with direct I/O can be mapped shared (Linux 6.6). */
  readonly directMmap: boolean;
}

/**
 * Reads the first request of a file system that is never mounted and closed at once.
 *
 * @throws UnsupportedError ORD-701 without a usable /dev/fuse, ORD-702 if the protocol is too old; OrdealError
 * ORD-701
 */
export function probeFuse(): FuseAbility | undefined {
  const device = openFuseDevice();
  const wakeUp = new EventFd();
  const channel = new DeviceChannel(device.number, wakeUp.fd.number);
  const session = new Session({
    channel,
    handler: { handle: () => -ERRNO.ENOSYS },
    init: {
      flags: 0,
      flags2: INIT2.PASSTHROUGH | INIT2.DIRECT_IO_ALLOW_MMAP,
      maxWrite: 4096,
      maxStackDepth: 1,
    },
    log: () => undefined,
  });
  try {
    const mount = createFuseMount(device, {
      source: 'ordeal-probe',
      subtype: 'ordeal',
      rootMode: constants.S_IFDIR | 0o755,
      defaultPermissions: false,
    });
    try {
      const end = performance.now() + LIMIT;
      while (!session.agreement && !session.ended && performance.now() < end) session.step(100);
    } finally {
      mount.close();
    }
    return session.agreement && abilityOf(session.agreement);
  } finally {
    session.close();
    channel.close();
    wakeUp.close();
    device.close();
  }
}

function abilityOf({ major, minor, flags2 }: Agreement): FuseAbility {
  return {
    protocol: `${major}.${minor}`,
    passthrough: (flags2 & INIT2.PASSTHROUGH) !== 0,
    directMmap: (flags2 & INIT2.DIRECT_IO_ALLOW_MMAP) !== 0,
  };
}
