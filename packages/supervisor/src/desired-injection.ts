import { OrdealError, ProblemsError } from '@ordeal/diagnostics';
import { type Experiment, parseDocuments } from '@ordeal/experiment';
import { type CheckedExperiment, checkExperiments } from '@ordeal/node';
import type { Terms } from './engine.js';
import type { TargetName } from './target-name.js';

/** A desired injection. */
export interface DesiredInjection extends Terms {
  /** Chosen by the client: unique, at most 200 bytes. */
  readonly id: string;
  /**
   * One KernelChaos or IOChaos, as YAML or JSON; of a Schedule, what it starts. Its own `duration` and `selector` mean
   * nothing here.
   */
  readonly document: string;
  readonly target: TargetName;
  /** For what is random in a document without a seed. */
  readonly seed?: number;
  /** Whether its supervisor's listener hears of each of its faults; for IOChaos. */
  readonly reported?: true;
}

/** What is injected, checked against this host. */
export type Work = CheckedExperiment['work'];
/** What is known of it without this host. */
export type Subject = Pick<Work, 'kind' | 'name'>;

const LONGEST_ID = 200;

/** @throws OrdealError ORD-855 for an invalid id */
export function checkId(id: string): void {
  const length = Buffer.byteLength(encodeURIComponent(id));
  if (length > 0 && length <= LONGEST_ID) return;
  throw new OrdealError(
    'ORD-855',
    `The id '${id.slice(0, 60)}' has ${length} bytes; 1 to ${LONGEST_ID} are allowed`,
  );
}

type Document = Pick<DesiredInjection, 'id' | 'document' | 'seed' | 'reported'>;

/** Parses a document. Pure. @throws ProblemsError; OrdealError ORD-855 for anything but one document */
export function subjectOf(desired: Document): Subject {
  const experiment = experimentOf(desired);
  const { kind, name } = experiment;
  const started = kind === 'Schedule' ? experiment.spec.type : kind;
  return { kind: started === 'KernelChaos' ? 'kernel' : 'io', name };
}

/**
 * Parses a document and checks it against this kernel; touches nothing.
 *
 * @throws ProblemsError, UnsupportedError; OrdealError ORD-855 for anything but one document
 */
export function workOf(desired: Document): Work {
  const inLab = process.env.ORDEAL_LAB === '1';
  const [checked] = checkExperiments([experimentOf(desired)], {
    mechanism: undefined,
    duration: undefined,
    faults: desired.reported === true,
    inLab,
    seed: desired.seed,
  });
  if (!checked) throw new TypeError(`${desired.id} was not checked`);
  return checked.work;
}

function experimentOf({ id, document }: Document): Experiment {
  const { experiments, problems } = parseDocuments(document, id);
  if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
  const [experiment, ...others] = experiments;
  if (experiment === undefined || others.length > 0) {
    throw new OrdealError('ORD-855', `${id}: one document is held at a time, not ${experiments.length}`);
  }
  return experiment;
}
