import { call3, call5, drainEvent, LITTLE_ENDIAN, PageMemory, SYS } from '@ordeal/linux';
import type { MessageMemory } from '../wire/index.js';
import { type Channel, LONGEST_WAIT } from './channel.js';

/** include/uapi/asm-generic/poll.h */
const POLLIN = 1;

/**
 * A `/dev/fuse` descriptor opened with O_NONBLOCK, and an eventfd with which other threads wake the serving thread.
 * Owns neither. A reply must go to the (cloned) descriptor that its request came from, so each serving thread has a
 * channel of its own.
 */
export class DeviceChannel implements Channel {
  readonly #device: number;
  readonly #wakeUp: number;
  // Two struct pollfd (fd 0, events 4, revents 6) and, at 32, a struct timespec.
  readonly #memory = new PageMemory(64);

  constructor(device: number, wakeUp: number) {
    this.#device = device;
    this.#wakeUp = wakeUp;
    const view = this.#memory.view;
    view.setInt32(0, device, LITTLE_ENDIAN);
    view.setInt16(4, POLLIN, LITTLE_ENDIAN);
    view.setInt32(8, wakeUp, LITTLE_ENDIAN);
    view.setInt16(12, POLLIN, LITTLE_ENDIAN);
  }

  receive(memory: MessageMemory, start: number): number {
    return call3(SYS.read, this.#device, memory.address + start, memory.bytes.length - start);
  }

  send(memory: MessageMemory, start: number, length: number): number {
    return call3(SYS.write, this.#device, memory.address + start, length);
  }

  wait(milliseconds: number): boolean {
    const nanoseconds = Math.ceil(Math.min(Math.max(milliseconds, 0), LONGEST_WAIT) * 1e6);
    const { view, address } = this.#memory;
    // LONGEST_WAIT is below a second.
    view.setUint32(40, nanoseconds, LITTLE_ENDIAN);
    const ready = call5(SYS.ppoll, address, 2, address + 32, 0, 0);
    if (ready <= 0 || view.getInt16(14, LITTLE_ENDIAN) === 0) return false;
    drainEvent(this.#wakeUp);
    return true;
  }

  close(): void {
    this.#memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
