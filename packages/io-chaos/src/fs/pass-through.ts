import type { Agreement, Handler, Handling, Parking, Reply, Request } from '@ordeal/fuse';
import { ERRNO } from '@ordeal/linux';
import { operations } from './operations/table.js';
import type { Volume } from './volume.js';

/** The file system without faults: every request goes to the backing tree. */
export class PassThrough implements Handler {
  readonly #volume: Volume;

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  agreed(agreement: Agreement): void {
    this.#volume.agreement = agreement;
  }

  handle(request: Request, reply: Reply, parking: Parking): Handling {
    this.#volume.descriptors.begin();
    const operation = operations[request.opcode];
    return operation ? operation(this.#volume, request, reply, parking) : -ERRNO.ENOSYS;
  }
}
