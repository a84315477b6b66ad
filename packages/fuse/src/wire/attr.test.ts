import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ATTR, ATTR_SIZE, attrFromStatx, STATX, statxFromAttr } from './attr.js';

test('attributes go from statx to FUSE and back with all their bits', () => {
  const bytes = fc.uint8Array({ minLength: STATX.size_of, maxLength: STATX.size_of });
  fc.assert(
    fc.property(bytes, (random) => {
      const statx = new DataView(random.buffer, random.byteOffset, random.byteLength);
      // A device number has 12 bits of major and 20 of minor.
      statx.setUint32(STATX.rdevMajor, statx.getUint32(STATX.rdevMajor, true) & 0xfff, true);
      statx.setUint32(STATX.rdevMinor, statx.getUint32(STATX.rdevMinor, true) & 0xfffff, true);
      const attr = new DataView(new ArrayBuffer(ATTR_SIZE));
      attrFromStatx(attr, 0, statx, 0);
      assert.equal(attr.getBigUint64(ATTR.size, true), statx.getBigUint64(STATX.size, true));
      assert.equal(attr.getUint32(ATTR.mode, true), statx.getUint16(STATX.mode, true));
      assert.equal(attr.getUint32(ATTR.mtimensec, true), statx.getUint32(STATX.mtime + 8, true));
      const back = random.slice();
      statxFromAttr(new DataView(back.buffer), 0, attr, 0);
      assert.deepEqual(back, random);
    }),
  );
});

test('a device number keeps major and minor apart', () => {
  const statx = new DataView(new ArrayBuffer(STATX.size_of));
  statx.setUint32(STATX.rdevMajor, 0x123, true);
  statx.setUint32(STATX.rdevMinor, 0x45678, true);
  const attr = new DataView(new ArrayBuffer(ATTR_SIZE));
  attrFromStatx(attr, 0, statx, 0);
  assert.equal(attr.getUint32(ATTR.rdev, true), 0x45612378);
});
