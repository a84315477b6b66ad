import { describeKind, structuralSchema } from '@ordeal/experiment';
import { AGE, definition } from './definition.js';
import { specRefinements } from './experiment-crd.js';
import { refined, withProperties } from './rules.js';
import { scheduleStatusSchema } from './status-schema.js';

/** The CRD of Schedule. */
export function scheduleCrd() {
  const { plural, singular } = describeKind('Schedule');
  const schema = structuralSchema('Schedule');
  const spec = schema.properties?.spec ?? {};
  const { kernelChaos = {}, ioChaos = {} } = spec.properties ?? {};
  const whole = withProperties(spec, {
    kernelChaos: specRefinements.KernelChaos(kernelChaos),
    ioChaos: specRefinements.IOChaos(ioChaos),
  });
  const rules = [
    {
      rule: "has(self.kernelChaos) == (self.type == 'KernelChaos') && has(self.ioChaos) == (self.type == 'IOChaos')",
      message: 'type KernelChaos needs kernelChaos and type IOChaos needs ioChaos, and neither the other',
    },
  ];
  return definition({
    kind: 'Schedule',
    plural,
    singular,
    shortNames: [],
    columns: [
      {
        name: 'Schedule',
        type: 'string',
        jsonPath: '.spec.schedule',
        description: 'When experiments start.',
      },
      { name: 'Type', type: 'string', jsonPath: '.spec.type', description: 'The kind of the experiments.' },
      { name: 'Last', type: 'date', jsonPath: '.status.time', description: 'When one was last due.' },
      { name: 'Next', type: 'string', jsonPath: '.status.next', description: 'When the next one is due.' },
      AGE,
      {
        name: 'Message',
        type: 'string',
        jsonPath: '.status.message',
        description: 'Why none started.',
        priority: 1,
      },
    ],
    schema: {
      ...schema,
      properties: {
        ...schema.properties,
        spec: refined(whole, { 'x-kubernetes-validations': rules }),
        status: scheduleStatusSchema,
      },
    },
  });
}
