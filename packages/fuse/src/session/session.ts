import { availableParallelism } from 'node:os';
import { UnsupportedError } from '@ordeal/diagnostics';
import { ERRNO, errnoName, LITTLE_ENDIAN, PAGE, PageMemory } from '@ordeal/linux';
import {
  type Agreement,
  hasShortReply,
  IN_HEADER,
  INIT_OUT,
  type InitRequest,
  negotiate,
  OPCODE,
  OUT_HEADER,
  opcodeName,
  PROTOCOL,
  Reply,
  Request,
  readInterrupt,
  WRITE_DATA_AT,
  wantsNoReply,
} from '../wire/index.js';
import type { Channel } from './channel.js';
import { type Handler, type Handling, LATER, NO_REPLY, type Parking } from './handler.js';
import { type Occasion, type Parked, ParkedRequests, type Resume } from './parked-requests.js';

export interface SessionOptions {
  readonly channel: Channel;
  readonly handler: Handler;
  readonly init: InitRequest;
  /** Gets a line for each defect. */
  readonly log: (line: string) => void;
  /** Answers requests whose work has been done elsewhere, and returns whether there were any; called before each request. */
  readonly completions?: { finish(): boolean };
  /** Given if an earlier server of the same connection has already answered INIT. */
  readonly agreement?: Agreement;
}

/** Requests that are answered in a row before other work gets a turn. */
const BATCH = 64;
/** Milliseconds without a request after which there is time for other work. */
const QUIET = 250;
/**
 * Milliseconds in which the next request is awaited without sleeping: about as long as it takes to wake a thread on a CPU that
 * is idle. With one CPU the caller could not ask meanwhile.
 */
const SPIN = availableParallelism() > 1 ? 0.03 : 0;
/** Milliseconds after which other work gets a turn, although each request came soon after the one before. */
const TURN = 0.5;
/** The most rounds without a spin after nobody asked in time. */
const MODEST_ROUNDS = 256;
// The WRITE payload and the body of a reply lie on page boundaries, so that direct I/O can use them.
const REQUEST_START = PAGE - WRITE_DATA_AT;
const BULK_START = PAGE - OUT_HEADER;
/** For short replies: with header and body in one page the kernel looks up only one page. */
const SHORT_START = 0;

/** What the serving thread does besides requests. */
export interface Attendant {
  /** Called on it when the other descriptor is readable, which it reads; after the requests that were there before. */
  readonly attend: () => void;
  /** Called before the next request when it is `due`. */
  readonly look?: () => void;
  /**
   * When, on the clock of `performance.now()`; default never. Without a parked request the thread does not wake for it: before
   * the next request is soon enough.
   */
  readonly due?: () => number;
  /** Called after requests. */
  readonly served?: () => void;
  /** Called when no request has come for a while: for work that would delay requests. */
  readonly idle?: () => void;
}

/**
 * Serves one FUSE connection on the calling thread: three system calls per request when busy, four when not, some more while it
 * spins, and none of them blocks without bound. Parked requests (delays, blocked locks) do not block others. The thread must not
 * touch the mount that it serves.
 *
 * Ends when the file system is unmounted and its last file closed (`ENODEV`): ending earlier loses what the kernel has
 * not written back yet. If a server hangs, `echo 1 > /sys/fs/fuse/connections/N/abort` releases all waiting callers.
 */
export class Session implements Parking {
  readonly #options: SessionOptions;
  readonly #receive: PageMemory;
  readonly #send: PageMemory;
  readonly #request: Request;
  readonly #short: PageMemory;
  readonly #bulkReply: Reply;
  readonly #shortReply: Reply;
  readonly #parked = new ParkedRequests();
  #agreement: Agreement | undefined;
  #ended = false;
  #refusal: UnsupportedError | undefined;
  #modestRounds = 0;
  /** How many modest rounds follow the next miss: twice as many as the last time, until a request comes in time. */
  #modesty = 1;
  /** How many requests have been received. */
  #served = 0;
  /** How often there were completions. */
  #finished = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#receive = new PageMemory(options.init.maxWrite + 2 * PAGE);
    this.#send = new PageMemory(options.init.maxWrite + 2 * PAGE);
    this.#request = new Request(this.#receive);
    this.#short = new PageMemory(PAGE);
    this.#bulkReply = new Reply(this.#send, BULK_START);
    this.#shortReply = new Reply(this.#short, SHORT_START);
    this.#agreement = options.agreement;
    if (options.agreement) options.handler.agreed?.(options.agreement);
  }

  /** Whether the connection has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The result of INIT; `undefined` before it. */
  get agreement(): Agreement | undefined {
    return this.#agreement;
  }

  /** How many requests are parked. */
  get parked(): number {
    return this.#parked.size;
  }

  /** Serves until the connection has ended. @throws UnsupportedError ORD-702 if the kernel's protocol is too old */
  run(attendant: Attendant): void {
    const due = attendant.due ?? (() => Number.POSITIVE_INFINITY);
    let quiet = false;
    while (!this.#ended) {
      const begun = this.#served;
      const finished = this.#finished;
      const called = this.#wait(quiet ? Number.POSITIVE_INFINITY : QUIET, due());
      if (performance.now() >= due()) attendant.look?.();
      this.#serve();
      if (called) attendant.attend();
      if (this.#served !== begun) attendant.served?.();
      const idle = this.#served === begun && this.#finished === finished;
      quiet = !called && idle && this.#parked.size === 0;
      if (quiet) attendant.idle?.();
    }
    if (this.#refusal) throw this.#refusal;
  }

  /** Serves waiting requests, or sleeps at most `milliseconds` until one arrives. */
  step(milliseconds: number): void {
    this.#wait(milliseconds);
    this.#serve();
  }

  /** @param due when a parked request is not waited for any longer @returns whether the other descriptor is readable */
  #wait(milliseconds: number, due = Number.POSITIVE_INFINITY): boolean {
    this.#resumeDue();
    const { size, nextDue } = this.#parked;
    const left =
      size === 0 ? milliseconds : Math.min(milliseconds, Math.min(nextDue, due) - performance.now());
    return this.#options.channel.wait(left);
  }

  #serve(): void {
    this.#resumeDue();
    const finished = this.#finished;
    // Whoever got an answer is likely to ask again.
    if (this.#serveOne() || this.#finished !== finished) this.#serveMore();
  }

  park(request: Request, milliseconds: number, resume: Resume): Parked {
    return this.#parked.add(request, performance.now() + milliseconds, resume);
  }

  hasten(parked: Parked): void {
    this.#parked.reschedule(parked, 0);
  }

  /** Resumes all parked requests at once, as flushed. Those that are parked again wait for their new time. */
  flush(): void {
    const all: Parked[] = [];
    for (let first = this.#parked.takeFirst(); first; first = this.#parked.takeFirst()) all.push(first);
    for (const parked of all) this.#resume(parked, 'flushed');
  }

  /** Frees the buffers; parked requests stay unanswered. */
  close(): void {
    this.#ended = true;
    this.#parked.close();
    this.#receive.close();
    this.#send.close();
    this.#short.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Under load the next request is already there, and who asks for one thing after the other asks again at once: neither is worth
   * a sleep. Where that turns out to be wrong, because callers think for longer, or need this CPU, it is tried less often.
   */
  #serveMore(): void {
    if (this.#modestRounds > 0) {
      this.#modestRounds--;
      return;
    }
    const turnEnds = performance.now() + TURN;
    for (let count = 0; count < BATCH; count++) {
      if (this.#parked.size > 0) this.#resumeDue();
      if (!this.#serveOne() && (performance.now() >= turnEnds || !this.#spin())) {
        if (count === 0) this.#beModest();
        return;
      }
      this.#modesty = 1;
    }
  }

  /** @returns whether there was a request within {@link SPIN} */
  #spin(): boolean {
    const late = performance.now() + SPIN;
    while (!this.#ended && performance.now() < late) if (this.#serveOne()) return true;
    return false;
  }

  #beModest(): void {
    this.#modestRounds = this.#modesty;
    this.#modesty = Math.min(2 * this.#modesty, MODEST_ROUNDS);
  }

  /** @returns whether there was a request */
  #serveOne(): boolean {
    const { channel, completions } = this.#options;
    if (completions?.finish()) this.#finished++;
    const length = channel.receive(this.#receive, REQUEST_START);
    if (length < 0) return this.#refused(-length);
    this.#served++;
    const request = this.#request;
    try {
      request.load(this.#receive, REQUEST_START, length);
    } catch (error) {
      this.#defect(request, error);
      if (length >= IN_HEADER && !wantsNoReply(request.opcode)) this.#answer(request, -ERRNO.EIO);
      return true;
    }
    this.#dispatch(request);
    return true;
  }

  /**
   * Errors of read(2) on `/dev/fuse`: ENOENT, EINTR and EAGAIN mean to try again, ENODEV that the connection has
   * ended.
   */
  #refused(errno: number): boolean {
    if (errno === ERRNO.ENOENT || errno === ERRNO.EINTR) return true;
    if (errno === ERRNO.EAGAIN) return false;
    if (errno !== ERRNO.ENODEV) this.#options.log(`reading a FUSE request: ${errnoName(errno)}`);
    this.#ended = true;
    return false;
  }

  #dispatch(request: Request): void {
    let handling: Handling;
    try {
      handling = this.#handle(request);
    } catch (error) {
      this.#defect(request, error);
      handling = -ERRNO.EIO;
    }
    if (handling !== LATER && handling !== NO_REPLY && !wantsNoReply(request.opcode)) {
      this.#answer(request, handling);
    }
  }

  #handle(request: Request): Handling {
    switch (request.opcode) {
      case OPCODE.INIT:
        return this.#init(request);
      case OPCODE.INTERRUPT:
        return this.#interrupt(request);
      case OPCODE.DESTROY:
        return 0;
      default:
        return this.#options.handler.handle(request, this.#replyTo(request.opcode), this);
    }
  }

  #init(request: Request): Handling {
    const agreement = negotiate(request, this.#shortReply, this.#options.init);
    if (agreement) {
      this.#agreement = agreement;
      this.#options.handler.agreed?.(agreement);
    } else {
      const offered = `${request.u32(IN_HEADER)}.${request.u32(IN_HEADER + 4)}`;
      this.#options.log(`the kernel speaks FUSE ${offered}, which Ordeal does not`);
      if (request.u32(IN_HEADER) > PROTOCOL.major) return INIT_OUT; // it asks again, with ours
      const wanted = `${PROTOCOL.major}.${PROTOCOL.oldestMinor}`;
      const message = `the kernel speaks FUSE ${offered}, at least ${wanted} is needed`;
      this.#refusal = new UnsupportedError('ORD-702', `FUSE ${wanted}`, message);
      this.#ended = true;
      return -ERRNO.EIO;
    }
    return INIT_OUT;
  }

  /** A request that is not parked has been answered already, or will be by {@link SessionOptions.completions}. */
  #interrupt(request: Request): Handling {
    const parked = this.#parked.takeKey(readInterrupt(request));
    if (parked) this.#resume(parked, 'signal');
    return NO_REPLY;
  }

  #resumeDue(): void {
    if (this.#parked.size === 0) return;
    const now = performance.now();
    for (let parked = this.#parked.takeDue(now); parked; parked = this.#parked.takeDue(now)) {
      this.#resume(parked, 'due');
    }
  }

  #resume(parked: Parked, occasion: Occasion): void {
    const request = this.#request;
    this.#parked.load(parked, request);
    let handling: Handling;
    try {
      handling = parked.resume(request, this.#replyTo(request.opcode), occasion);
    } catch (error) {
      this.#defect(request, error);
      handling = -ERRNO.EIO;
    }
    if (handling !== LATER && handling !== NO_REPLY) this.#answer(request, handling);
    this.#parked.recycle(parked);
  }

  #replyTo(opcode: number): Reply {
    return hasShortReply(opcode) ? this.#shortReply : this.#bulkReply;
  }

  #answer(request: Request, handling: Handling): void {
    const short = hasShortReply(request.opcode);
    const memory = short ? this.#short : this.#send;
    const start = short ? SHORT_START : BULK_START;
    const { view } = memory;
    const length = OUT_HEADER + Math.max(handling, 0);
    view.setUint32(start, length, LITTLE_ENDIAN);
    view.setInt32(start + 4, Math.min(handling, 0), LITTLE_ENDIAN);
    view.setUint32(start + 8, request.uniqueLow, LITTLE_ENDIAN);
    view.setUint32(start + 12, request.uniqueHigh, LITTLE_ENDIAN);
    const sent = this.#options.channel.send(memory, start, length);
    this.#options.handler.answered?.();
    if (sent >= 0 || sent === -ERRNO.ENOENT) return; // ENOENT: the request was interrupted
    const what = `answering FUSE ${opcodeName(request.opcode)} with ${handling}: ${errnoName(-sent)}`;
    if (sent !== -ERRNO.ENODEV) this.#options.log(what);
    // The kernel rejected the format of the reply: without another one the caller would wait for ever.
    if (sent === -ERRNO.EINVAL && handling !== -ERRNO.EIO) this.#answer(request, -ERRNO.EIO);
  }

  #defect(request: Request, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.log(`FUSE ${opcodeName(request.opcode)} of node ${request.nodeid}: ${text}`);
  }
}
