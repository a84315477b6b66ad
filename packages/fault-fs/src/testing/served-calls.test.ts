import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byRequest } from './served-calls.js';

const TRACE = String.raw`ppoll([{fd=19, events=POLLIN}, {fd=3, events=POLLIN}], 2, {tv_sec=0, tv_nsec=250000000}, NULL, 0) = 0 (Timeout)
ppoll([{fd=19, events=POLLIN}, {fd=3, events=POLLIN}], 2, {tv_sec=0, tv_nsec=250000000}, NULL, 0) = 1 ([{fd=19, revents=POLLIN}], left {tv_sec=0, tv_nsec=1})
read(19, "\x38\x00\x00\x00\x03\x00\x00\x00"..., 1052752) = 56
futex(0x7ff5d407c000, FUTEX_WAKE_PRIVATE, 1) = 1
statx(31, "", AT_STATX_SYNC_AS_STAT|AT_EMPTY_PATH, STATX_BASIC_STATS, {stx_mask=STATX_BASIC_STATS, ...}) = 0
write(19, "\x78\x00\x00\x00\x00\x00\x00\x00"..., 120) = 120
read(19, 0x7ff5d407cfb0, 1052752)       = -1 EAGAIN (Resource temporarily unavailable)
ppoll([{fd=19, events=POLLIN}, {fd=3, events=POLLIN}], 2, {tv_sec=0, tv_nsec=250000000}, NULL, 0) = 1 ([{fd=19, revents=POLLIN}], left {tv_sec=0, tv_nsec=1})
read(19, "\x2b\x00\x00\x00\x01\x00\x00\x00"..., 1052752) = 43
write(19, "\x10\x00\x00\x00\xfe\xff\xff\xff"..., 16) = 16
read(19, "\x38\x00\x00\x00\x03\x00\x00\x00"..., 1052752) = 56
write(19, "\x78\x00\x00\x00\x00\x00\x00\x00"..., 120) = 120
`;

test('the calls of a trace belong to the request that was read before them', () => {
  assert.deepEqual(
    byRequest(TRACE),
    new Map([
      ['GETATTR', ['read statx write', 'read write']],
      ['LOOKUP', ['read write']],
    ]),
  );
});
