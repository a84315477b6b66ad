import { OrdealError, ProblemsError } from '@ordeal/diagnostics';
import { type Experiment, parseDocuments, type Schedule, scheduledExperiment } from '@ordeal/experiment';
import { lacksSeed, type RecordHeader, requestLacksSeed } from '@ordeal/node';
import type { TargetName } from '../target-name.js';

/** The targets of a run; `selector`: the running containers that each document's own selector and mode choose. */
export type RunTarget = TargetName | { readonly kind: 'selector' };

/** A run as a client requests it. */
export interface RunSpec {
  readonly name: string;
  /** The text of each document: KernelChaos, IOChaos or Schedule. */
  readonly documents: readonly string[];
  readonly target: RunTarget;
  /** Replaces the documents' durations, milliseconds. */
  readonly duration?: number;
  /** For what is random in documents without a seed; drawn when the run starts if it is missing and needed. */
  readonly seed?: number;
  /** The command line that starts it again, without the seed. */
  readonly repeat?: string;
  /** Where its faults are recorded; its documents are IOChaos then. */
  readonly record?: RecordPlace;
}

/** A record that a run writes. */
export interface RecordPlace {
  /** Absolute. */
  readonly path: string;
  /** Its first line, without the seed. */
  readonly header: RecordHeader;
}

/** One document of a run. */
export interface RunPart {
  /** Identifies it within the run: its kind and name. */
  readonly key: string;
  readonly name: string;
  readonly document: string;
  readonly schedule: Schedule | undefined;
  readonly selection: Pick<
    Exclude<Experiment, Schedule>['spec'],
    'selector' | 'mode' | 'value' | 'containerNames'
  >;
  /** Milliseconds; undefined = until it is stopped. */
  readonly duration: number | undefined;
  /** Whether something in it is random, without a seed. A Schedule makes other choices at each start. */
  readonly lacksSeed: boolean;
}

/** The name is also used as a file name. */
const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** @throws OrdealError ORD-858 */
export function checkRunName(name: string): void {
  if (NAME.test(name)) return;
  throw new OrdealError('ORD-858', `'${name.slice(0, 80)}' cannot be the name of a run`, {
    hint: 'A name has 1 to 63 letters, digits, dots, dashes and underscores, and begins and ends with a letter or digit.',
  });
}

/** The documents of a run. Pure. @throws ProblemsError; OrdealError ORD-858 for none, or two of one kind and name */
export function partsOf({ name, documents, duration }: RunSpec): RunPart[] {
  const parts = documents.flatMap((document) => {
    const { experiments, problems } = parseDocuments(document, name);
    if (problems.some(({ severity }) => severity === 'error')) throw new ProblemsError(problems);
    return experiments.map((experiment) => partOf(experiment, document, duration));
  });
  if (parts.length === 0) throw new OrdealError('ORD-858', `The run ${name} has no document`);
  const twin = parts.find(({ key }, index) => parts.findIndex((other) => other.key === key) !== index);
  if (twin) throw new OrdealError('ORD-858', `Two documents of the run ${name} are ${twin.key}`);
  return parts;
}

function partOf(experiment: Experiment, document: string, duration: number | undefined): RunPart {
  const schedule = experiment.kind === 'Schedule' ? experiment : undefined;
  const { spec } = experiment.kind === 'Schedule' ? scheduledExperiment(experiment) : experiment;
  const own = spec.duration === undefined ? undefined : Number(spec.duration / 1_000_000n);
  const { kind, name } = experiment;
  const random = 'failKernRequest' in spec ? requestLacksSeed(spec.failKernRequest) : lacksSeed(spec);
  return {
    key: `${kind} ${name}`,
    name,
    document,
    schedule,
    selection: spec,
    duration: duration ?? own,
    lacksSeed: schedule === undefined && random,
  };
}
