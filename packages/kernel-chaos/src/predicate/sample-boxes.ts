import { BOX_SIZE } from './btf-fixture.js';
import { BOX_COUNT } from './random-expression.js';

const TEXTS = ['bananas', 'banana', 'apples', '', 'fifteen letters', 'b'];

/**
 * Memory for `struct box` in a row: noise from a linear congruence (the one of C's standard), with real texts, truth
 * values that are 0 or 1, and `next` pointers to the first boxes, NULL, or an invalid address.
 *
 * @param base the address of the memory
 */
export function sampleBoxes(seed: number, base: bigint): Uint8Array {
  let state = seed >>> 0;
  const random = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % limit;
  };
  const bytes = new Uint8Array(BOX_SIZE * BOX_COUNT);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at++) bytes[at] = random(256);
  for (let start = 0; start < bytes.length; start += BOX_SIZE) {
    view.setUint8(start + FLAG, random(2));
    const text = new TextEncoder().encode(TEXTS[random(TEXTS.length)] ?? '');
    bytes.set(text, start + TEXT);
    bytes.fill(0, start + TEXT + text.length, start + TEXT + text.length + 1);
    const kind = random(8);
    const next = kind === 0 ? 0n : kind === 1 ? UNREADABLE : base + BigInt(BOX_SIZE * random(8));
    view.setBigUint64(start + NEXT, next, true);
  }
  return bytes;
}

/** Byte offsets of the members with a meaning. */
const FLAG = 12;
const TEXT = 32;
const NEXT = 128;

/** Not canonical on x86-64 and arm64. */
const UNREADABLE = 0xdead_0000_0000_0000n;
