import {
  type Agreement,
  type Handler,
  type Handling,
  LATER,
  OPCODE,
  type Parking,
  type Reply,
  type Request,
  readWrite,
  WRITE_DATA_AT,
  wantsNoReply,
} from '@ordeal/fuse';
import { ERRNO } from '@ordeal/linux';
import { isAskedToEnd } from './asked-to-end.js';
import type { Link } from './nodes/node.js';
import { entryPath, linkPath } from './nodes/path.js';
import { damage } from './rules/damage.js';
import { METHODS, methodOf } from './rules/method.js';
import { overrideAttr } from './rules/override-attr.js';
import { type Subject, subjectOf } from './rules/request-path.js';
import type { Dice, RuleSet, Selection, Verdict } from './rules/rule-set.js';
import { fillsWritablePages } from './rules/writable-pages.js';
import type { DataPath, Volume, VolumePolicy } from './volume.js';

const GETATTR = METHODS.indexOf('getattr');
const FLUSH = METHODS.indexOf('flush');
/** Milliseconds between two looks whether a thread that has got a signal has been asked to end since. */
const WATCH = 100;

export interface FaultGateOptions {
  /** Where the container sees the root of the volume: what patterns are matched against starts with it. */
  readonly volumePath: string;
  readonly rules: RuleSet;
  /** How files are opened whose reads or writes a rule can meet. */
  readonly matched: 'direct' | 'cached';
  /** How files are opened whose reads and writes no rule can meet. */
  readonly unmatched: DataPath;
  readonly dice?: Dice;
}

/**
 * Lets requests through to the file system, or what the rules make of them. Off at first. Past the deadline it is off
 * for good, whatever becomes of the rest of the program.
 */
export class FaultGate implements Handler, VolumePolicy {
  readonly #options: FaultGateOptions;
  #inner: Handler | undefined;
  #volume: Volume | undefined;
  #enabled = false;
  /** Rules take effect, or will. */
  #armed = true;
  #deadline = Number.POSITIVE_INFINITY;
  #rootSelection: Selection | undefined;
  /** Method of the request at hand, for the counters of overrides. */
  #method = GETATTR;

  constructor(options: FaultGateOptions) {
    this.#options = options;
  }

  /** Says what is behind the gate, once, before the first request. */
  connect(volume: Volume, inner: Handler): void {
    this.#volume = volume;
    this.#inner = inner;
  }

  /** Whether rules take effect now. */
  get enabled(): boolean {
    return this.#isEnabled(performance.now());
  }

  #isEnabled(now: number): boolean {
    if (now >= this.#deadline) this.#enabled = false;
    return this.#enabled;
  }

  /** @param milliseconds after which each rule ends by itself, in their order; a rule without one lasts until it is disabled */
  enable(milliseconds: readonly (number | undefined)[] = []): void {
    const { rules } = this.#options;
    const now = performance.now();
    const deadlines = Array.from(
      { length: rules.size },
      (_, index) => now + (milliseconds[index] ?? Number.POSITIVE_INFINITY),
    );
    rules.end(deadlines);
    this.#deadline = Math.max(...deadlines);
    this.#enabled = true;
    this.#armed = true;
  }

  /** The caller flushes the session next: delayed requests then go on without fault. */
  disable(): void {
    this.#enabled = false;
    this.#armed = false;
  }

  /** Rules off until {@link resume}, while their time goes on. The caller flushes the session next. */
  pause(): void {
    this.#enabled = false;
  }

  /** Does nothing after {@link disable}, or where all rules have ended. */
  resume(): void {
    this.#enabled = this.#armed;
  }

  agreed(agreement: Agreement): void {
    this.#inner?.agreed?.(agreement);
  }

  handle(request: Request, reply: Reply, parking: Parking): Handling {
    if (!this.#enabled || wantsNoReply(request.opcode)) return this.#pass(request, reply, parking);
    const now = performance.now();
    if (!this.#isEnabled(now)) return this.#pass(request, reply, parking);
    this.#method = methodOf(request.opcode);
    const verdict = this.#judge(request, now);
    if (!verdict) return this.#pass(request, reply, parking);
    if (verdict.delay === 0) return this.#execute(verdict, request, reply, parking);
    this.#delay(verdict, Math.min(now + verdict.delay, this.#deadline), false, request, parking);
    return LATER;
  }

  /**
   * A file on a slow disk makes its users wait whatever alarms and notices they get: programs do not expect EINTR of it.
   * Only who is killed or asked to end goes at once. The kernel tells of the first signal alone, so then that is watched.
   */
  #delay(verdict: Verdict, due: number, watched: boolean, request: Request, parking: Parking): void {
    const left = due - performance.now();
    parking.park(request, watched ? Math.min(left, WATCH) : left, (again, reply, occasion) => {
      this.#method = methodOf(again.opcode);
      if (occasion === 'flushed' || !this.enabled) return this.#pass(again, reply, parking);
      if ((watched || occasion === 'signal') && isAskedToEnd(again.pid)) {
        // A process that ends closes its files all the same.
        return again.opcode === OPCODE.FLUSH ? this.#pass(again, reply, parking) : -ERRNO.EINTR;
      }
      if (performance.now() >= due) return this.#execute(verdict, again, reply, parking);
      this.#delay(verdict, due, watched || occasion === 'signal', again, parking);
      return LATER;
    });
  }

  dataPath(link: Link | undefined): DataPath {
    const { reads, writes } = this.#selectionOf(link);
    return reads || writes ? this.#options.matched : this.#options.unmatched;
  }

  overrideAttr(link: Link | undefined, view: DataView, at: number): boolean {
    if (!this.#enabled) return false;
    const selection = this.#selectionOf(link);
    let changed = false;
    if (selection.overrides.length === 0 || !this.enabled) return changed;
    this.#options.rules.override(selection, this.#method, (attr) => {
      overrideAttr(attr, view, at);
      changed = true;
    });
    return changed;
  }

  meetsAttributes(link: Link | undefined): boolean {
    const { byMethod, overrides } = this.#selectionOf(link);
    return overrides.length > 0 || (byMethod[GETATTR]?.length ?? 0) > 0;
  }

  meetsFlush(link: Link | undefined): boolean {
    return (this.#selectionOf(link).byMethod[FLUSH]?.length ?? 0) > 0;
  }

  get meetsAnyFlush(): boolean {
    return this.#armed && this.#options.rules.meets(FLUSH);
  }

  mustCopyByHand(from: Link | undefined, to: Link | undefined): boolean {
    return this.enabled && (this.#selectionOf(from).reads || this.#selectionOf(to).writes);
  }

  #judge(request: Request, now: number): Verdict | undefined {
    const { rules } = this.#options;
    if (!this.#volume || !rules.meets(this.#method)) return undefined;
    const subject = subjectOf(this.#volume, request);
    const whole = request.opcode === OPCODE.READ && fillsWritablePages(this.#volume, request);
    return subject && rules.decide(this.#selectionFor(subject), this.#method, now, whole);
  }

  #execute(verdict: Verdict, request: Request, reply: Reply, parking: Parking): Handling {
    const { opcode } = request;
    if (verdict.errno !== 0) {
      // A file that is closed is closed, whatever the answer: the kernel ignores it.
      if (opcode === OPCODE.RELEASE || opcode === OPCODE.RELEASEDIR) this.#pass(request, reply, parking);
      return -sayable(verdict.errno);
    }
    const dice = this.#options.dice ?? Math.random;
    if (opcode === OPCODE.WRITE) {
      const stored = request.bytes(WRITE_DATA_AT, readWrite(request).size);
      for (const mistake of verdict.mistakes) damage(stored, mistake, dice);
    }
    const handling = this.#passHere(verdict.mistakes.length > 0, request, reply, parking);
    if (handling > 0 && this.#mayDamageReply(request)) {
      for (const mistake of verdict.mistakes) damage(reply.bytes.subarray(0, handling), mistake, dice);
    }
    return handling;
  }

  /** Asked again here: the file may have been opened for writing while the request was delayed. */
  #mayDamageReply(request: Request): boolean {
    if (request.opcode !== OPCODE.READ) return request.opcode === OPCODE.READLINK;
    return this.#volume !== undefined && !fillsWritablePages(this.#volume, request);
  }

  /** @param here whether the answer is needed here and must not be left to a helper */
  #passHere(here: boolean, request: Request, reply: Reply, parking: Parking): Handling {
    if (!here) return this.#pass(request, reply, parking);
    this.#volume?.mayGiveAway(false);
    try {
      return this.#pass(request, reply, parking);
    } finally {
      this.#volume?.mayGiveAway(true);
    }
  }

  #pass(request: Request, reply: Reply, parking: Parking): Handling {
    return this.#inner ? this.#inner.handle(request, reply, parking) : -ERRNO.EIO;
  }

  #selectionFor(subject: Subject): Selection {
    if (subject.known) return this.#selectionOf(subject.link);
    const { everywhere } = this.#options.rules;
    if (everywhere) return everywhere;
    return this.#options.rules.select(entryPath(this.#options.volumePath, subject.parent, subject.name));
  }

  #selectionOf(link: Link | undefined): Selection {
    const { everywhere } = this.#options.rules;
    if (everywhere) return everywhere;
    const epoch = this.#volume?.table.epoch ?? 0;
    if (link && link.rulesEpoch === epoch) return link.rules as Selection;
    const { rules, volumePath } = this.#options;
    if (!link) return this.#selectionOfRoot();
    const selection = rules.select(linkPath(volumePath, link));
    link.rules = selection;
    link.rulesEpoch = epoch;
    return selection;
  }

  #selectionOfRoot(): Selection {
    const { rules, volumePath } = this.#options;
    this.#rootSelection ??= rules.select(...rootPaths(volumePath));
    return this.#rootSelection;
  }
}

/** The existing engine matches the root with a slash at its end, so `/data/*` meets it; people also write `/data`. */
function rootPaths(volumePath: string): readonly string[] {
  return volumePath === '/' ? ['/'] : [volumePath, `${volumePath}/`];
}

/**
 * ENOSYS from a FUSE server means "never ask again": the kernel would go on without the operation after the experiment,
 * and for OPEN take handle 0. What a file system says that lacks an operation is EOPNOTSUPP.
 */
function sayable(errno: number): number {
  return errno === ERRNO.ENOSYS ? ERRNO.EOPNOTSUPP : errno;
}
