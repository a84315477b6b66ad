import { cString, Fd, mapShared, monotonic, SYS, syscall, unmap } from '@ordeal/linux';

const MFD_CLOEXEC = 1;
/** Pages that no slot uses are never there: room for more servers than a machine can run. */
const BYTES = 1 << 20;
const BEAT = 0;

/**
 * Memory by which a keeper shows its servers that it is alive, and each of them shows it whether there were requests: nobody has
 * to wake up for that. Each server has a slot.
 */
export class Pulse {
  /** Owned by this object. */
  readonly fd: Fd;
  readonly #memory;
  readonly #words: Float64Array;
  readonly #free: number[] = [];
  #last = BEAT;

  /** The memory of a keeper. @throws SyscallError */
  static create(): Pulse {
    const fd = new Fd(
      syscall('memfd_create', SYS.memfd_create, cString('ordeal-pulse'), MFD_CLOEXEC),
      'the pulse',
    );
    syscall('ftruncate', SYS.ftruncate, fd.number, BYTES);
    return new Pulse(fd);
  }

  /** @param fd of a keeper's memory, which becomes this object's @throws SyscallError */
  constructor(fd: Fd) {
    this.fd = fd;
    this.#memory = mapShared(fd.number, BYTES, 0, true);
    this.#words = new Float64Array(this.#memory.buffer);
  }

  /** The keeper is alive now. */
  beat(): void {
    this.#words[BEAT] = monotonic();
  }

  /** When it was alive last: see {@link monotonic}. */
  get beatAt(): number {
    return this.#words[BEAT] ?? 0;
  }

  /** For one more server; the caller gives it back. */
  takeSlot(): number {
    const slot = this.#free.pop() ?? ++this.#last;
    this.#words[slot] = 0;
    return slot;
  }

  freeSlot(slot: number): void {
    this.#free.push(slot);
  }

  /** The server of a slot has answered requests. */
  note(slot: number): void {
    this.#words[slot] = this.noted(slot) + 1;
  }

  /** Changes when there were requests. */
  noted(slot: number): number {
    return this.#words[slot] ?? 0;
  }

  close(): void {
    unmap(this.#memory);
    this.fd.close();
  }
}
