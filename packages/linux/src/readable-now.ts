import { LITTLE_ENDIAN } from './bytes.js';
import { call5 } from './direct-call.js';
import { PageMemory } from './page-memory.js';
import { SYS } from './syscall-numbers.js';

/** include/uapi/asm-generic/poll.h */
const POLLIN = 1;

/** Asks again and again whether a descriptor is readable, without waiting; nothing is allocated. */
export class ReadableNow {
  // A struct pollfd (fd 0, events 4), and a struct timespec of zeros at 16.
  readonly #memory = new PageMemory(64);

  /** @param number stays the caller's */
  constructor(number: number) {
    this.#memory.view.setInt32(0, number, LITTLE_ENDIAN);
    this.#memory.view.setInt16(4, POLLIN, LITTLE_ENDIAN);
  }

  ask(): boolean {
    const { address } = this.#memory;
    return call5(SYS.ppoll, address, 1, address + 16, 0, 0) > 0;
  }

  close(): void {
    this.#memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
