import { type StructuralSchema, structuralSchema } from '@ordeal/experiment';
import { AGE, definition, name } from './definition.js';
import { immutableBut, refined } from './rules.js';
import { injectionStatusSchema } from './status-schema.js';

/** The fields of an experiment that choose targets and duration, not the fault. */
export const TARGET_FIELDS = [
  'mode',
  'value',
  'selector',
  'containerNames',
  'duration',
  'remoteCluster',
  'scheduler',
] as const;

const spec: StructuralSchema = {
  type: 'object',
  description: 'What the agent of the node has to do, as long as the object exists.',
  required: ['experiment', 'nodeName', 'pod', 'containerNames'],
  properties: {
    experiment: {
      type: 'object',
      description: 'The experiment that this belongs to, in the same namespace.',
      required: ['kind', 'name', 'uid'],
      properties: {
        kind: { type: 'string', enum: ['KernelChaos', 'IOChaos'], description: 'Its kind.' },
        name: name('Its name.'),
        uid: name('Its uid.'),
      },
    },
    nodeName: name('The node whose agent injects.'),
    pod: {
      type: 'object',
      description: 'The pod that is a target.',
      required: ['namespace', 'name', 'uid'],
      properties: { namespace: name('Its namespace.'), name: name('Its name.'), uid: name('Its uid.') },
    },
    containerNames: {
      type: 'array',
      description: 'Which of its containers are targets.',
      items: { type: 'string', minLength: 1 },
    },
    deadline: {
      type: 'string',
      format: 'date-time',
      description: 'When the agent ends the faults by itself; never when left out.',
    },
    kernelChaos: faultOf('KernelChaos', 'What fails in the kernel, as the experiment has it.'),
    ioChaos: faultOf('IOChaos', 'What happens to file operations, as the experiment has it.'),
  },
};

/** An experiment's spec without the fields that choose targets. */
function faultOf(kind: 'KernelChaos' | 'IOChaos', description: string): StructuralSchema {
  const { properties = {}, required = [] } = structuralSchema(kind).properties?.spec ?? {};
  const isTarget = (field: string) => (TARGET_FIELDS as readonly string[]).includes(field);
  return {
    type: 'object',
    description,
    required: required.filter((field) => !isTarget(field)),
    properties: Object.fromEntries(Object.entries(properties).filter(([field]) => !isTarget(field))),
  };
}

const RULES = [
  {
    rule: "has(self.kernelChaos) == (self.experiment.kind == 'KernelChaos') && has(self.ioChaos) == (self.experiment.kind == 'IOChaos')",
    message: 'needs the fault of its experiment, kernelChaos or ioChaos',
  },
  immutableBut(spec, ['deadline'], 'only the deadline of an injection can be changed'),
];

/** The CRD of Injection. */
export function injectionCrd() {
  return definition({
    kind: 'Injection',
    plural: 'injections',
    singular: 'injection',
    shortNames: ['inj'],
    selectableFields: ['.spec.nodeName'],
    columns: [
      { name: 'Pod', type: 'string', jsonPath: '.spec.pod.name', description: 'The pod that is a target.' },
      { name: 'Node', type: 'string', jsonPath: '.spec.nodeName', description: 'The node that it is on.' },
      {
        name: 'Phase',
        type: 'string',
        jsonPath: '.status.phase',
        description: 'Whether it is under faults.',
      },
      {
        name: 'Faults',
        type: 'integer',
        jsonPath: '.status.faults',
        description: 'How many faults there were.',
      },
      { name: 'Reason', type: 'string', jsonPath: '.status.reason', description: 'Why, in one word.' },
      AGE,
      { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why.', priority: 1 },
    ],
    schema: {
      type: 'object',
      description:
        'Faults on one pod for one experiment. Created and deleted by the controller; the faults last as long as it exists.',
      required: ['spec'],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec: refined(spec, { 'x-kubernetes-validations': RULES }),
        status: injectionStatusSchema,
      },
    },
  });
}
