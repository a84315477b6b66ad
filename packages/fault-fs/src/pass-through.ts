import {
  type Agreement,
  type Handler,
  type Handling,
  LATER,
  OPCODE,
  type Parking,
  type Reply,
  type Request,
} from '@ordeal/fuse';
import { ERRNO } from '@ordeal/linux';
import { NAME_REQUESTS } from './name-requests.js';
import { operations } from './operations/table.js';
import { observed } from './power-loss/observe.js';
import type { Volume } from './volume.js';

/**
 * Nobody waits for RELEASE and FORGET, by which a file is closed and the last hold on a removed one ends: what found
 * nothing free is retried after this many milliseconds.
 */
const FREEING_MS = 3;
/** Answers of an operation that found nothing free, and did nothing. */
const NOTHING_FREE: readonly Handling[] = [-ERRNO.ENOSPC, -ERRNO.EDQUOT, -ERRNO.ENFILE];

/** Milliseconds between two looks whether a closed volume is open again. */
const CLOSED_MS = 20;

/** What waits while a volume is closed: by everything else programs let go of what they have. */
const opensOrNames: ReadonlySet<number> = new Set([
  ...NAME_REQUESTS,
  OPCODE.OPEN,
  OPCODE.TMPFILE,
  OPCODE.SETATTR,
]);

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
    if (this.#volume.closedUntil > 0 && opensOrNames.has(request.opcode))
      return this.#later(request, parking);
    const handling = this.#run(request, reply, parking);
    if (!NOTHING_FREE.includes(handling)) return handling;
    parking.park(request, FREEING_MS, (again, later) => this.#run(again, later, parking));
    return LATER;
  }

  /** While the volume is closed; who is killed waits no longer. */
  #later(request: Request, parking: Parking): Handling {
    parking.park(request, CLOSED_MS, (again, reply, occasion) => {
      if (occasion === 'signal') return -ERRNO.EINTR;
      const open = performance.now() >= this.#volume.closedUntil;
      return open ? this.#run(again, reply, parking) : this.#later(again, parking);
    });
    return LATER;
  }

  #run(request: Request, reply: Reply, parking: Parking): Handling {
    this.#volume.descriptors.begin();
    const operation = operations[request.opcode];
    if (!operation) return -ERRNO.ENOSYS;
    const { unsynced } = this.#volume;
    if (!unsynced) return operation(this.#volume, request, reply, parking);
    return observed(unsynced, this.#volume, request, () => operation(this.#volume, request, reply, parking));
  }
}
