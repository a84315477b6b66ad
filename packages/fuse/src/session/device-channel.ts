import { call3, call5, LITTLE_ENDIAN, PageMemory, SYS } from '@ordeal/linux';
import type { MessageMemory } from '../wire/index.js';
import { type Channel, LONGEST_WAIT } from './channel.js';

/** include/uapi/asm-generic/poll.h */
const POLLIN = 1;

/**
 * A `/dev/fuse` descriptor opened with O_NONBLOCK, and others by which the serving thread is woken. Owns none, and
 * reads only the first. A reply must go to the (cloned) descriptor that its request came from, so each serving thread has a
 * channel of its own.
 */
export class DeviceChannel implements Channel {
  readonly #device: number;
  // Three struct pollfd (fd 0, events 4, revents 6) and, at 32, a struct timespec.
  readonly #memory = new PageMemory(64);

  /** @param completions a third descriptor, which ends {@link wait}, too */
  constructor(device: number, wakeUp: number, completions?: number) {
    this.#device = device;
    const view = this.#memory.view;
    view.setInt32(0, device, LITTLE_ENDIAN);
    view.setInt16(4, POLLIN, LITTLE_ENDIAN);
    view.setInt32(8, wakeUp, LITTLE_ENDIAN);
    view.setInt16(12, POLLIN, LITTLE_ENDIAN);
    // The kernel ignores negative ones.
    view.setInt32(16, completions ?? -1, LITTLE_ENDIAN);
    view.setInt16(20, POLLIN, LITTLE_ENDIAN);
  }

  receive(memory: MessageMemory, start: number): number {
    return call3(SYS.read, this.#device, memory.address + start, memory.bytes.length - start);
  }

  send(memory: MessageMemory, start: number, length: number): number {
    return call3(SYS.write, this.#device, memory.address + start, length);
  }

  wait(milliseconds: number): boolean {
    const limited = Math.min(Math.max(milliseconds, 0), LONGEST_WAIT);
    const seconds = Math.floor(limited / 1000);
    const { view, address } = this.#memory;
    view.setUint32(32, seconds, LITTLE_ENDIAN);
    view.setUint32(40, Math.min(Math.ceil((limited - seconds * 1000) * 1e6), 999_999_999), LITTLE_ENDIAN);
    const ready = call5(SYS.ppoll, address, 3, address + 32, 0, 0);
    return ready > 0 && view.getInt16(14, LITTLE_ENDIAN) !== 0;
  }

  close(): void {
    this.#memory.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
