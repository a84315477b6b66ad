import {
  type Agreement,
  type Handler,
  type Handling,
  LATER,
  type Parking,
  type Reply,
  type Request,
} from '@ordeal/fuse';
import { ERRNO } from '@ordeal/linux';
import { operations } from './operations/table.js';
import type { Volume } from './volume.js';

/**
 * Nobody waits for RELEASE and FORGET, by which a file is closed and the last hold on a removed one ends: what found
 * nothing free is retried after this many milliseconds.
 */
const FREEING_MS = 3;
/** Answers of an operation that found nothing free, and did nothing. */
const NOTHING_FREE: readonly Handling[] = [-ERRNO.ENOSPC, -ERRNO.EDQUOT, -ERRNO.ENFILE];

/** The file system without faults: every request goes to the backing tree. */
export class PassThrough implements Handler {
  readonly #volume: Volume;

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  agreed(agreement: Agreement): void {
    this.#volume.agreement = agreement;
  }

  answered(): void {
    this.#volume.changes.answered();
  }

  handle(request: Request, reply: Reply, parking: Parking): Handling {
    const handling = this.#run(request, reply, parking);
    if (!NOTHING_FREE.includes(handling)) return handling;
    parking.park(request, FREEING_MS, (again, later) => this.#run(again, later, parking));
    return LATER;
  }

  #run(request: Request, reply: Reply, parking: Parking): Handling {
    this.#volume.descriptors.begin();
    const operation = operations[request.opcode];
    return operation ? operation(this.#volume, request, reply, parking) : -ERRNO.ENOSYS;
  }
}
