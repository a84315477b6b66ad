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

/** The Worker's input. */
export interface VisitData {
  readonly namespace: number;
  readonly home: number;
  readonly request: VisitRequest;
}

/** The Worker's answer. */
export type VisitAnswer = { readonly result: VisitResult } | { readonly refusal: string };

/**
 * Sends a thread into the mount namespace of a process for one task.
 *
 * @throws OrdealError with `code` where it is refused
 */
export async function visit(pid: number, request: VisitRequest, code: Code): Promise<VisitResult> {
  await startThreadPool();
  const fds: Fd[] = [];
  try {
    for (const owner of [String(pid), 'self']) fds.push(openPath(`/proc/${owner}/ns/mnt`, 0));
    const [namespace = -1, home = -1] = fds.map((fd) => fd.number);
    const data: VisitData = { namespace, home, request };
    const answer = await answerOf(new Worker(new URL('./visitor.js', import.meta.url), { workerData: data }));
    if ('refusal' in answer) throw new OrdealError(code, answer.refusal);
    return answer.result;
  } finally {
    for (const fd of fds) fd.close();
  }
}

function answerOf(worker: Worker): Promise<VisitAnswer> {
  return new Promise((resolve, reject) => {
    let answer: VisitAnswer = { refusal: 'the visiting thread ended without an answer' };
    worker.once('message', (message: VisitAnswer) => {
      answer = message;
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve(answer));
  });
}

/** The pool must exist before any thread is elsewhere: see {@link enterMountNamespace}. */
async function startThreadPool(): Promise<void> {
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
  await Promise.all(Array.from({ length: threads }, () => stat('/')));
}
