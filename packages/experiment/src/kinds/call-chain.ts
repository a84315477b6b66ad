import { list } from '../schema/list.js';
import { checked } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';
import { shorten } from '../yaml/node-name.js';
import { type Frame, frameShape } from './frame.js';

/** A C identifier, with the suffixes that compilers add to functions they split (`.isra.0`, `.cold`). */
export const FUNCTION = /^[A-Za-z_]\w*(\.\w+)*$/;

/** A call chain, outermost frame first. */
export const callChainShape = checked(list(frameShape), (frames, spot) => {
  for (const [index, frame] of frames.entries()) {
    checkFrame(frame, index, index === frames.length - 1, spot);
  }
});

function checkFrame(frame: Frame, index: number, last: boolean, spot: Spot): void {
  const at = `[${index}]`;
  const label = `${spot.label}${at}`;
  const { funcname } = frame;
  if (funcname !== undefined) {
    if (FUNCTION.test(funcname)) return;
    const remark = {
      code: 'ORD-120',
      message: `funcname: '${shorten(funcname)}' is not the name of a function`,
      hint: 'only the name, for example d_alloc_parallel; its parameters go into parameters',
    } as const;
    spot.report(remark, `${at}.funcname`);
  } else if (!last) {
    const message = `${label} has no funcname; only the last frame may leave it out`;
    spot.report({ code: 'ORD-120', message }, at);
  } else if (frame.predicate === undefined) {
    const remark = {
      code: 'ORD-120',
      message: `${label} has neither funcname nor predicate`,
      hint: 'name a function, write a predicate over the fault point, or remove the frame',
    } as const;
    spot.report(remark, at);
  }
}
