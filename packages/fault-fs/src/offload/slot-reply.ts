import { OUT_HEADER } from '@ordeal/fuse';
import { call3, LITTLE_ENDIAN, PAGE, SYS } from '@ordeal/linux';
import { REPLY } from './offload.js';

/** Where the header goes in the memory of a slot: the body is page-aligned. */
const START = PAGE - OUT_HEADER;
/** sizeof(struct fuse_write_out) */
const WRITE_OUT = 8;

export interface SlotReply {
  /** The `/dev/fuse` that the request came from. */
  readonly device: number;
  readonly uniqueLow: number;
  readonly uniqueHigh: number;
  /** See {@link REPLY}. */
  readonly reply: number;
}

/** Answers a request from the memory of its slot, at `address`. @param result of the call */
export function answerFromSlot(view: DataView, address: number, given: SlotReply, result: number): void {
  let length = OUT_HEADER;
  if (result >= 0 && given.reply === REPLY.bytes) length += result;
  if (result >= 0 && given.reply === REPLY.count) {
    length += WRITE_OUT;
    view.setUint32(PAGE, result, LITTLE_ENDIAN);
    view.setUint32(PAGE + 4, 0, LITTLE_ENDIAN);
  }
  view.setUint32(START, length, LITTLE_ENDIAN);
  view.setInt32(START + 4, Math.min(result, 0), LITTLE_ENDIAN);
  view.setUint32(START + 8, given.uniqueLow, LITTLE_ENDIAN);
  view.setUint32(START + 12, given.uniqueHigh, LITTLE_ENDIAN);
  // Refused only where the request was interrupted.
  call3(SYS.write, given.device, address + START, length);
}
