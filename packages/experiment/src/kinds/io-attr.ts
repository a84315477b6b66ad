import { bigInteger, integer } from '../schema/integer.js';
import { object } from '../schema/object.js';
import { oneOf } from '../schema/scalar.js';
import { checked, type Infer, optional, required } from '../schema/shape.js';

const U32 = { min: 0, max: 2 ** 32 - 1 };
const U64 = { min: 0n, max: 2n ** 64n - 1n };

const timeShape = object({
  sec: required(bigInteger(), 'Seconds since 1970.'),
  nsec: required(integer({ min: 0, max: 999_999_999 }), 'Nanoseconds of the second.'),
});

/** `attr` of an IOChaos. */
export const attrShape = checked(
  object({
    ino: optional(bigInteger(U64), 'Inode number.'),
    size: optional(bigInteger(U64), 'Size in bytes.'),
    blocks: optional(bigInteger(U64), 'Size in blocks of 512 bytes.'),
    atime: optional(timeShape, 'Time of last access.'),
    mtime: optional(timeShape, 'Time of last change of the content.'),
    ctime: optional(timeShape, 'Time of last change of the inode.'),
    kind: optional(
      oneOf(['namedPipe', 'charDevice', 'blockDevice', 'directory', 'regularFile', 'symlink', 'socket']),
      'Type of the file.',
    ),
    perm: optional(
      integer({ min: 0, max: 0o7777 }),
      'The twelve permission bits, in decimal or as 0o644; all of them are replaced.',
    ),
    nlink: optional(integer(U32), 'Number of hard links.'),
    uid: optional(integer(U32), 'User id of the owner.'),
    gid: optional(integer(U32), 'Group id of the owner.'),
    rdev: optional(integer(U32), 'Device number, of a device file.'),
  }),
  (value, spot) => {
    if (Object.values(value).some((attribute) => attribute !== undefined)) return;
    spot.report({ code: 'ORD-119', message: 'attr: names no attribute to override' });
  },
);

/** Attributes to override; undefined ones stay unchanged. */
export interface AttrOverride extends Infer<typeof attrShape> {}
