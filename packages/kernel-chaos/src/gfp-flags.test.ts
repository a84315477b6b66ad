import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HEADER_GFP_FLAGS, parseGfpFlags } from './gfp-flags.js';

// As Linux 6.1 and 6.12 print them, shortened.
const FORMAT_6_1 =
  'print fmt: "x=%p", (REC->gfp_flags) ? __print_flags(REC->gfp_flags, "|", {( unsigned long)(((((( gfp_t)(0x400u|0x800u)) | (( gfp_t)0x40u)) | (( gfp_t)0x2000u)) & ~(( gfp_t)(0x400u|0x800u))) | (( gfp_t)0x400u)), "GFP_TRANSHUGE"}, {( unsigned long)(( gfp_t)0x8000u), "__GFP_NOFAIL"} ) : "none"';
const FORMAT_6_12 =
  '{( unsigned long)((( gfp_t)(((((1UL))) << (___GFP_DIRECT_RECLAIM_BIT))|((((1UL))) << (11)))) | (( gfp_t)((((1UL))) << (6)))), "GFP_NOFS"}, {( unsigned long)what(1), "ODD"}';

test('flags are read from the running kernel', () => {
  assert.deepEqual(
    parseGfpFlags(FORMAT_6_1, () => undefined),
    { GFP_TRANSHUGE: 0x2440, __GFP_NOFAIL: 0x8000 },
  );
  assert.deepEqual(
    parseGfpFlags(FORMAT_6_12, (name) => (name === '___GFP_DIRECT_RECLAIM_BIT' ? 10 : undefined)),
    { GFP_NOFS: 0xc40 },
  );
  assert.deepEqual(
    parseGfpFlags('', () => undefined),
    {},
  );
});

test('composite flags of the table consist of its bits', () => {
  const { __GFP_RECLAIM = 0, __GFP_IO = 0, __GFP_FS = 0, __GFP_HARDWALL = 0 } = HEADER_GFP_FLAGS;
  assert.equal(HEADER_GFP_FLAGS.GFP_USER, __GFP_RECLAIM | __GFP_IO | __GFP_FS | __GFP_HARDWALL);
});
