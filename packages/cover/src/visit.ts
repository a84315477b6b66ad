import { stat } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { type Code, OrdealError } from '@ordeal/diagnostics';
import { type Fd, openPath } from '@ordeal/linux';

/** The task of a visitor; descriptors are numbers of this process. */
export type VisitRequest =
  /** Copies the mount at the place (O_PATH), a second time if mounts made there would propagate elsewhere. */
  | { readonly kind: 'copy'; readonly place: number; readonly shared: boolean }
  /**
   * Attaches a detached mount there, on top of a detached copy of the place if there is one, and over the names `bare` of
   * the mount the files of the place: see {@link BareFileMounts}.
   */
  | {
      readonly kind: 'cover';
      readonly place: number;
      readonly mount: number;
      readonly shield: number | undefined;
      readonly bare: readonly string[];
    }
  | { readonly kind: 'uncover'; readonly mounts: readonly number[] };

/** The numbers of the descriptors that a visitor opened; the caller owns them. */
export interface VisitResult {
  readonly tree?: number;
  /** The copy of the place that keeps a cover from spreading. */
  readonly shield?: number;
  /** What could not be made bare, and why. */
  readonly failed?: readonly string[];
}

/** A message to the Worker. */
export interface VisitOrder {
  readonly namespace: number;
  readonly home: number;
  readonly request: VisitRequest;
}

/** The Worker's answer. */
export type VisitAnswer = { readonly result: VisitResult } | { readonly refusal: string };

/** A thread that goes into the mount namespaces of other processes, for one task after the other. */
export class Visitor {
  readonly #worker = new Worker(new URL('./visitor.js', import.meta.url));
  /** Takes the answer of the visit under way. */
  #answered: (answer: VisitAnswer) => void = () => undefined;
  #failure: VisitAnswer | undefined;
  /** Resolves when no visit is under way. */
  #turn: Promise<unknown> = Promise.resolve();

  /** The thread starts meanwhile, and does not keep this process from ending. */
  constructor() {
    const fail = (refusal: string) => {
      this.#failure = { refusal };
      this.#answered(this.#failure);
    };
    this.#worker.on('message', (answer: VisitAnswer) => this.#answered(answer));
    this.#worker.on('error', ({ message }) => fail(message));
    this.#worker.on('exit', () => fail('the visiting thread ended without an answer'));
    this.#worker.unref();
  }

  /**
   * Has a task done in the mount namespace of a process.
   *
   * @throws OrdealError with `code` where it is refused
   */
  async visit(pid: number, request: VisitRequest, code: Code): Promise<VisitResult> {
    await startThreadPool();
    const fds: Fd[] = [];
    try {
      for (const owner of [String(pid), 'self']) fds.push(openPath(`/proc/${owner}/ns/mnt`, 0));
      const [namespace = -1, home = -1] = fds.map((fd) => fd.number);
      const answer = await this.#answer({ namespace, home, request });
      if ('refusal' in answer) throw new OrdealError(code, answer.refusal);
      return answer.result;
    } finally {
      for (const fd of fds) fd.close();
    }
  }

  /** Whether the thread has ended: it refuses all tasks. */
  get over(): boolean {
    return this.#failure !== undefined;
  }

  /** Ends the thread. Idempotent. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer(order: VisitOrder): Promise<VisitAnswer> {
    const answer = this.#turn.then(() => this.#ask(order));
    this.#turn = answer;
    return answer;
  }

  async #ask(order: VisitOrder): Promise<VisitAnswer> {
    if (this.#failure) return this.#failure;
    this.#worker.ref();
    const answer = await new Promise<VisitAnswer>((resolve) => {
      this.#answered = resolve;
      this.#worker.postMessage(order);
    });
    this.#worker.unref();
    return answer;
  }
}

/** One visit, by a thread of its own. @throws OrdealError with `code` where it is refused */
export async function visit(pid: number, request: VisitRequest, code: Code): Promise<VisitResult> {
  const visitor = new Visitor();
  try {
    return await visitor.visit(pid, request, code);
  } finally {
    await visitor.close();
  }
}

/** The pool must exist before any thread is elsewhere: see {@link enterMountNamespace}. */
async function startThreadPool(): Promise<void> {
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
  await Promise.all(Array.from({ length: threads }, () => stat('/')));
}
