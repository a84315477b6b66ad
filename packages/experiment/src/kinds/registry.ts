import { object } from '../schema/object.js';
import { anything, oneOf } from '../schema/scalar.js';
import { optional, required, type Shape } from '../schema/shape.js';
import { type StructuralSchema, toStructural } from '../schema/structural.js';
import type { FieldDescription } from '../schema/structure.js';
import { ioChaosShape } from './io-chaos.js';
import { kernelChaosShape } from './kernel-chaos.js';
import { metadataShape } from './metadata.js';
import { scheduleSpecShape } from './schedule.js';

/** The API versions that documents may have: today's, and that of documents before 2020-10. */
export const API_VERSIONS = ['chaos-mesh.org/v1alpha1', 'pingcap.com/v1alpha1'] as const;

/** The kinds that documents may have. */
export const KINDS = ['KernelChaos', 'IOChaos', 'Schedule'] as const;

/** A kind of document. */
export type Kind = (typeof KINDS)[number];

/** The description of a kind, from which the schema reference and the CRD are generated. */
export interface KindDescription {
  readonly kind: Kind;
  /** Newest first. */
  readonly apiVersions: readonly string[];
  /** The resource's name in the API, plural and singular alike unless given. */
  readonly plural: string;
  readonly singular: string;
  readonly doc: string;
  /** The fields of the whole document, nested. */
  readonly fields: readonly FieldDescription[];
}

const about: { readonly [kind in Kind]: Pick<KindDescription, 'plural' | 'singular' | 'doc'> } = {
  KernelChaos: {
    plural: 'kernelchaos',
    singular: 'kernelchaos',
    doc: 'Slab, page or block I/O requests fail inside the kernel, for the chosen targets only.',
  },
  IOChaos: {
    plural: 'iochaos',
    singular: 'iochaos',
    doc: 'File operations on a volume of running containers become slow, fail, or return wrong data.',
  },
  Schedule: {
    plural: 'schedules',
    singular: 'schedule',
    doc: 'Starts KernelChaos or IOChaos experiments again and again.',
  },
};

/** The whole document of each kind. */
export const documentShapes = {
  KernelChaos: documentOf(kernelChaosShape),
  IOChaos: documentOf(ioChaosShape),
  Schedule: documentOf(scheduleSpecShape),
};

function documentOf<T>(spec: Shape<T>) {
  return object({
    apiVersion: required(oneOf(API_VERSIONS), 'The version of the API that the document is written for.'),
    kind: required(oneOf(KINDS), 'What the document is.'),
    metadata: required(metadataShape, 'What names the experiment.'),
    spec: required(spec, 'What the experiment does.'),
    status: optional(anything(), 'Written by the controller; not read.'),
  });
}

/** The structure of a document of this kind, as data: for the schema reference and for CRDs. */
export function describeKind(kind: Kind): KindDescription {
  const { structure } = documentShapes[kind];
  const fields = structure.type === 'object' ? structure.fields : [];
  return { kind, apiVersions: API_VERSIONS, ...about[kind], fields };
}

/**
 * The `openAPIV3Schema` of a kind's CRD. `metadata` belongs to the API server and is an empty object there, `status` to
 * the controller, whose schema is not known here.
 */
export function structuralSchema(kind: Kind): StructuralSchema {
  const { doc, fields } = describeKind(kind);
  const spec = fields.filter((field) => field.name === 'spec');
  const whole = toStructural({ type: 'object', fields: spec });
  return {
    description: doc,
    ...whole,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      ...whole.properties,
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  };
}
