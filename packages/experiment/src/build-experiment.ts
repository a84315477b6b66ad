import type { Place } from '@ordeal/diagnostics';
import type { Node } from 'yaml';
import type { Experiment, ExperimentDocument } from './experiment.js';
import { documentShapes, type Kind } from './kinds/registry.js';
import type { ScheduleSpec } from './kinds/schedule.js';
import type { Selector } from './kinds/selector.js';
import { invalid } from './schema/shape.js';
import type { Spot } from './schema/spot.js';
import type { ScheduleRule } from './time/schedule.js';

/** Reads one document of a known kind; undefined when it has errors, which have been reported then. */
export function buildExperiment(kind: Kind, root: Node, spot: Spot): Experiment | undefined {
  switch (kind) {
    case 'KernelChaos': {
      const document = documentShapes.KernelChaos.read(root, spot);
      if (document === invalid) return undefined;
      const { scheduler, ...written } = document.spec;
      const kernelChaos = withNamespace(written, document.metadata.namespace);
      if (scheduler === undefined) return { kind, ...commonOf(document, spot), spec: kernelChaos };
      const spec = repeated(
        scheduler.cron,
        { type: kind, kernelChaos, ioChaos: undefined },
        written.duration,
        spot,
      );
      return spec && { kind: 'Schedule', ...oldForm(commonOf(document, spot)), spec };
    }
    case 'IOChaos': {
      const document = documentShapes.IOChaos.read(root, spot);
      if (document === invalid) return undefined;
      const { scheduler, ...written } = document.spec;
      const ioChaos = withNamespace(written, document.metadata.namespace);
      if (scheduler === undefined) return { kind, ...commonOf(document, spot), spec: ioChaos };
      const spec = repeated(
        scheduler.cron,
        { type: kind, ioChaos, kernelChaos: undefined },
        written.duration,
        spot,
      );
      return spec && { kind: 'Schedule', ...oldForm(commonOf(document, spot)), spec };
    }
    case 'Schedule': {
      const document = documentShapes.Schedule.read(root, spot);
      if (document === invalid) return undefined;
      const { namespace } = document.metadata;
      const { kernelChaos, ioChaos } = document.spec;
      const spec = {
        ...document.spec,
        kernelChaos: kernelChaos && withNamespace(kernelChaos, namespace),
        ioChaos: ioChaos && withNamespace(ioChaos, namespace),
      };
      return { kind, ...commonOf(document, spot), spec };
    }
  }
}

type Common = Omit<ExperimentDocument<Kind, unknown>, 'kind' | 'spec'>;

interface Written {
  readonly apiVersion: string;
  readonly metadata: Pick<Common, 'name' | 'namespace' | 'labels' | 'annotations'>;
}

function commonOf({ apiVersion, metadata }: Written, spot: Spot): Common {
  const { name, namespace, labels, annotations } = metadata;
  const { places, source } = spot.findings;
  const placeOf = (path: string) => nearestPlace(path, places, spot.place);
  return { apiVersion, name, namespace, labels, annotations, file: source.name, place: spot.place, placeOf };
}

function nearestPlace(path: string, places: ReadonlyMap<string, Place>, document: Place): Place {
  for (let at = path; at !== ''; at = at.replace(/(\.[^.[\]]*|\[[^\]]*\]|^[^.[\]]*)$/, '')) {
    const place = places.get(at);
    if (place !== undefined) return place;
  }
  return document;
}

/** Paths of the Schedule that a chaos with a `scheduler` became, looked up in the chaos. */
function oldForm(common: Common): Common {
  const placeOf = (path: string) =>
    common.placeOf(
      path
        .replace(/^spec\.(kernelChaos|ioChaos)\b/, 'spec')
        .replace(/^spec\.schedule$/, 'spec.scheduler.cron'),
    );
  return { ...common, placeOf };
}

/** The webhook's default: an experiment without namespaces selects in its own. */
function withNamespace<T extends { readonly selector: Selector }>(spec: T, namespace: string): T {
  if (spec.selector.namespaces.length > 0) return spec;
  return { ...spec, selector: { ...spec.selector, namespaces: [namespace] } };
}

/** The Schedule that the old `scheduler` field means. It always needed a duration. */
function repeated(
  schedule: ScheduleRule,
  chaos: Pick<ScheduleSpec, 'type' | 'kernelChaos' | 'ioChaos'>,
  duration: bigint | undefined,
  spot: Spot,
): ScheduleSpec | undefined {
  if (duration === undefined) {
    spot.report(
      {
        code: 'ORD-126',
        message: 'scheduler needs a duration beside it: how long each run lasts',
        hint: 'for example duration: 10s',
      },
      'spec.scheduler',
    );
    return undefined;
  }
  spot.report(
    {
      severity: 'note',
      code: 'ORD-126',
      message: `scheduler: the old way to repeat an experiment, read as a Schedule of this ${chaos.type}`,
    },
    'spec.scheduler',
  );
  return {
    schedule,
    startingDeadlineSeconds: undefined,
    concurrencyPolicy: 'Forbid',
    historyLimit: undefined,
    ...chaos,
  };
}
