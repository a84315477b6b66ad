import {
  type Agreement,
  type Handler,
  type Handling,
  LATER,
  OPCODE,
  type Parking,
  type Reply,
  type Request,
  readFsync,
  readWrite,
  WRITE_DATA_AT,
  wantsNoReply,
} from '@ordeal/fuse';
import { ERRNO } from '@ordeal/linux';
import { isAskedToEnd } from './asked-to-end.js';
import { growthOf } from './growth.js';
import { carryOutWithin, showSpace } from './limited-space.js';
import type { Link } from './nodes/node.js';
import { linkPath } from './nodes/path.js';
import { isChange } from './power-loss/is-change.js';
import type { Random } from './random.js';
import { damageBy, showDamage, tellMemories } from './remembered-damage.js';
import { reportFault, reportOverride } from './report-fault.js';
import { reportDelays, reportError, reportObserved } from './report-verdict.js';
import { damage, flip } from './rules/damage.js';
import { METHODS, methodOf } from './rules/method.js';
import { otherBlock } from './rules/other-block.js';
import { overrideAttr } from './rules/override-attr.js';
import { subjectOf } from './rules/request-path.js';
import { faultOf, RuleSet, type Selection, type Verdict } from './rules/rule-set.js';
import { fillsWritablePages } from './rules/writable-pages.js';
import { Selections } from './selections.js';
import type { DataPath, Volume, VolumePolicy } from './volume.js';

const GETATTR = METHODS.indexOf('getattr');
const FLUSH = METHODS.indexOf('flush');
/** Milliseconds between checks whether a thread that has got a signal has been asked to end since. */
const WATCH = 100;

type Mistaking = Verdict['mistakes'][number];

export interface FaultGateOptions {
  /** How files are opened whose reads or writes a rule can match. */
  readonly matched: 'direct' | 'cached';
  /** How files are opened whose reads and writes no rule can match. */
  readonly unmatched: DataPath;
  readonly random?: Random;
}

/** Passes requests to the file system, after applying the rules. Without rules at first. */
export class FaultGate implements Handler, VolumePolicy {
  readonly #options: FaultGateOptions;
  #rules = new RuleSet([]);
  #selections = new Selections(this.#rules);
  /**
   * When the last rule ends by itself: from then on all requests pass, even if the rest of the program hangs.
   */
  #until = Number.NEGATIVE_INFINITY;
  /** Nothing is answered, by the verdict of a rule. */
  #halted = false;
  /** Whether a rule remembers something of files. */
  #remembers = false;
  /** Whether a rule says how much space there is. */
  #limitsSpace = false;
  #inner: Handler | undefined;
  #volume: Volume | undefined;
  /** Delayed requests are released, although their rules are active. */
  #releasing = false;
  /** Method of the current request, for the counters of overrides. */
  #method = GETATTR;
  /** The calling thread, for the reports of overrides. */
  #thread = 0;

  constructor(options: FaultGateOptions) {
    this.#options = options;
  }

  /** Sets the file system behind the gate, once, before the first request. */
  connect(volume: Volume, inner: Handler): void {
    this.#volume = volume;
    this.#inner = inner;
  }

  /** Sets the rules. The caller flushes the session next. */
  use(rules: RuleSet): void {
    this.#halted = false;
    this.#rules = rules;
    this.#selections = new Selections(rules);
    this.#until = rules.until;
    this.#limitsSpace = rules.limitsSpace;
    this.#remembers = rules.remembers;
    if (this.#volume) this.#volume.table.epoch++;
  }

  /** Releases delayed requests, without fault, by flushing the session meanwhile. */
  release(flush: () => void): void {
    this.#releasing = true;
    flush();
    this.#releasing = false;
  }

  /** Whether rules take effect now. */
  get enabled(): boolean {
    return performance.now() < this.#until;
  }

  agreed(agreement: Agreement): void {
    this.#inner?.agreed?.(agreement);
  }

  answered(): void {
    this.#inner?.answered?.();
  }

  handle(request: Request, reply: Reply, parking: Parking): Handling {
    if (this.#until < 0 || wantsNoReply(request.opcode)) return this.#pass(request, reply, parking);
    this.#thread = request.pid;
    const now = performance.now();
    if (now >= this.#until) return this.#pass(request, reply, parking);
    this.#method = methodOf(request.opcode);
    if (this.#halted && !isAnsweredToTheEnd(request)) return this.#wait(request, parking);
    const verdict = this.#judge(request, now);
    if (!verdict) return this.#pass(request, reply, parking);
    if (verdict.delay === 0) return this.#execute(verdict, request, reply, parking);
    if (this.#rules.logs) reportDelays(this.#volume, verdict, request);
    this.#delay(verdict, now, false, request, parking);
    return LATER;
  }

  /**
   * A slow disk makes its users wait whatever signals they get: programs do not expect EINTR from it. Only a thread
   * that is killed or asked to end is released at once. The kernel reports only the first signal, so the thread is
   * then polled.
   */
  #delay(verdict: Verdict, begun: number, watched: boolean, request: Request, parking: Parking): void {
    const left = this.#dueOf(verdict, begun) - performance.now();
    parking.park(request, watched ? Math.min(left, WATCH) : left, (again, reply, occasion) => {
      this.#method = methodOf(again.opcode);
      this.#thread = again.pid;
      const remaining = this.#releasing ? undefined : this.#rules.remaining(verdict);
      if (!remaining || !this.enabled) return this.#pass(again, reply, parking);
      if ((watched || occasion === 'signal') && isAskedToEnd(again.pid)) {
        // A process that ends closes its files all the same.
        return again.opcode === OPCODE.FLUSH ? this.#pass(again, reply, parking) : -ERRNO.EINTR;
      }
      const now = performance.now();
      if (now >= this.#dueOf(remaining, begun)) {
        for (const { group, index, wait } of remaining.fired)
          if (wait > 0) group.counters.waited(index, this.#method, now - begun);
        return this.#execute(remaining, again, reply, parking);
      }
      this.#delay(remaining, begun, watched || occasion === 'signal', again, parking);
      return LATER;
    });
  }

  /** While the gate is halted; only a thread that is killed or asked to end waits no longer. */
  #wait(request: Request, parking: Parking, watched = false): Handling {
    parking.park(request, WATCH, (again, reply, occasion) => {
      if (!this.#halted || !this.enabled) return this.#pass(again, reply, parking);
      const interrupted = watched || occasion === 'signal';
      if (interrupted && isAskedToEnd(again.pid)) return -ERRNO.EINTR;
      return this.#wait(again, parking, interrupted);
    });
    return LATER;
  }

  #dueOf({ delay }: Verdict, begun: number): number {
    return Math.min(begun + delay, this.#until);
  }

  dataPath(link: Link | undefined): DataPath {
    const { reads, writes } = this.#selectionOf(link);
    return reads || writes ? this.#options.matched : this.#options.unmatched;
  }

  overrideAttr(link: Link | undefined, view: DataView, at: number): boolean {
    if (this.#until < 0) return false;
    const selection = this.#selectionOf(link);
    let changed = false;
    if (selection.overrides.length === 0 || !this.enabled) return changed;
    this.#rules.override(selection, this.#method, (override) => {
      overrideAttr(override.rule.attr, view, at);
      changed = true;
      if (override.group.log) reportOverride(override, linkPath('', link), this.#method, this.#thread);
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

  keepsUnsynced(link: Link | undefined): boolean {
    return this.#selectionOf(link).keepsUnsynced;
  }

  mustCopyByHand(from: Link | undefined, to: Link | undefined): boolean {
    return this.enabled && (this.#selectionOf(from).reads || this.#selectionOf(to).writes);
  }

  #judge(request: Request, now: number): Verdict | undefined {
    const rules = this.#rules;
    if (!this.#volume || !rules.meets(this.#method)) return undefined;
    const subject = subjectOf(this.#volume, request);
    if (request.opcode === OPCODE.LOOKUP && subject?.known && this.#mustBeFound(subject.link))
      return undefined;
    const whole = request.opcode === OPCODE.READ && fillsWritablePages(this.#volume, request);
    const moves = request.opcode === OPCODE.READ || request.opcode === OPCODE.WRITE;
    const bytes = moves && rules.throttles ? readWrite(request).size : 0;
    const judged = { now, whole, change: isChange(request), bytes };
    return subject && rules.decide(this.#selections.for(subject, this.#epoch), this.#method, judged);
  }

  #mustBeFound(link: Link | undefined): boolean {
    return link !== undefined && this.#volume?.bare.needs(link.node) === true;
  }

  #execute(verdict: Verdict, request: Request, reply: Reply, parking: Parking): Handling {
    const { opcode } = request;
    if (this.#rules.logs) reportObserved(this.#volume, verdict, request);
    if (verdict.halts) {
      this.#halted = true;
      return this.#wait(request, parking);
    }
    if (verdict.errno !== 0) {
      const errno = sayable(verdict.errno);
      if (this.#rules.logs) reportError(this.#volume, verdict, request, errno);
      if (opcode === OPCODE.FSYNC) this.#failSync(verdict, request);
      // A file that is closed is closed, whatever the answer: the kernel ignores it.
      if (opcode === OPCODE.RELEASE || opcode === OPCODE.RELEASEDIR) this.#pass(request, reply, parking);
      return -errno;
    }
    if (opcode === OPCODE.WRITE) {
      const stored = request.bytes(WRITE_DATA_AT, readWrite(request).size);
      for (const mistake of verdict.mistakes) this.#damage(mistake, stored, request);
    }
    const handling = this.#passHere(verdict.mistakes.length > 0, request, reply, parking);
    if (handling >= 0 && this.#mayDamageReply(request)) {
      const bytes = reply.bytes.subarray(0, handling);
      for (const mistake of verdict.mistakes) this.#damage(mistake, bytes, request);
    }
    return handling;
  }

  #damage(mistake: Mistaking, bytes: Uint8Array, request: Request): void {
    const random = mistake.trigger.randomFor(mistake.match) ?? this.#options.random ?? Math.random;
    if (!this.#volume) return;
    const elsewhere = mistake.memory
      ? damageBy(mistake.memory, this.#volume, request, (piece) => flip(piece, random))
      : otherBlock(this.#volume, request, random);
    const damaged = damage(bytes, mistake.rule.mistake, random, elsewhere);
    if (mistake.group.log) reportFault(mistake, this.#volume, request, { damaged });
  }

  #failSync({ fired }: Verdict, request: Request): void {
    const fault = faultOf(fired);
    const file = this.#volume?.files.get(readFsync(request).fh);
    if (!fault?.rule.unsynced || !file) return;
    this.#volume?.unsynced?.syncFailed(file.node, fault.rule.unsynced);
  }

  /** Asked again here: the file may have been opened for writing while the request was delayed. */
  #mayDamageReply(request: Request): boolean {
    if (request.opcode !== OPCODE.READ) return request.opcode === OPCODE.READLINK;
    return this.#volume !== undefined && !fillsWritablePages(this.#volume, request);
  }

  /** @param here whether the result is needed here: the call must not be offloaded */
  #passHere(here: boolean, request: Request, reply: Reply, parking: Parking): Handling {
    if (!here) return this.#pass(request, reply, parking);
    return this.#keepingHere(() => this.#pass(request, reply, parking));
  }

  /** Nothing is offloaded: the result is there when this returns. */
  #keepingHere(carryOut: () => Handling): Handling {
    this.#volume?.mayGiveAway(false);
    try {
      return carryOut();
    } finally {
      this.#volume?.mayGiveAway(true);
    }
  }

  #pass(request: Request, reply: Reply, parking: Parking): Handling {
    const volume = this.#volume;
    if (!this.#limitsSpace || !this.enabled || !volume) return this.#carryOut(request, reply, parking);
    const rules = this.#rules;
    if (request.opcode === OPCODE.STATFS) {
      const handling = this.#carryOut(request, reply, parking);
      const selection = this.#selectionOf(volume.nodeOf(request)?.current);
      if (handling > 0) showSpace({ rules, selection }, reply);
      return handling;
    }
    const growth = growthOf(volume, request);
    if (!growth) return this.#carryOut(request, reply, parking);
    const space = { volume, rules, selection: this.#selectionOf(growth.link) };
    return carryOutWithin(space, growth.bytes, request, () =>
      this.#keepingHere(() => this.#carryOut(request, reply, parking)),
    );
  }

  #carryOut(request: Request, reply: Reply, parking: Parking): Handling {
    const volume = this.#volume;
    if (!this.#remembers || !volume || !this.enabled) return this.#toInner(request, reply, parking);
    const subject = subjectOf(volume, request);
    const memories = subject?.known ? this.#rules.memories(this.#selectionOf(subject.link)) : [];
    if (memories.length === 0) return this.#toInner(request, reply, parking);
    tellMemories(memories, volume, request);
    if (request.opcode !== OPCODE.READ) return this.#toInner(request, reply, parking);
    const handling = this.#keepingHere(() => this.#toInner(request, reply, parking));
    if (handling > 0 && this.#mayDamageReply(request)) showDamage(memories, volume, request, reply, handling);
    return handling;
  }

  #toInner(request: Request, reply: Reply, parking: Parking): Handling {
    return this.#inner ? this.#inner.handle(request, reply, parking) : -ERRNO.EIO;
  }

  #selectionOf(link: Link | undefined): Selection {
    return this.#selections.of(link, this.#epoch);
  }

  get #epoch(): number {
    return this.#volume?.table.epoch ?? 0;
  }
}

/** What processes need that end: to close files, and to write what they have changed in shared mappings. */
function isAnsweredToTheEnd({ opcode, pid }: Request): boolean {
  return opcode === OPCODE.FLUSH || opcode === OPCODE.RELEASE || opcode === OPCODE.RELEASEDIR || pid === 0;
}

/**
 * ENOSYS from a FUSE server means "never ask again": the kernel would stop sending the operation even after the
 * experiment, and for OPEN use handle 0. A file system that lacks an operation returns EOPNOTSUPP.
 */
function sayable(errno: number): number {
  return errno === ERRNO.ENOSYS ? ERRNO.EOPNOTSUPP : errno;
}
