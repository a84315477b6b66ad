import type { StructuralSchema } from '@ordeal/experiment';

const text = (description: string): StructuralSchema => ({ type: 'string', description });
const time = (description: string): StructuralSchema => ({
  type: 'string',
  format: 'date-time',
  description,
});
const count = (description: string): StructuralSchema => ({ type: 'integer', format: 'int64', description });

/** Whether a target is under faults; the words of the existing system. */
export const TARGET_PHASES = ['Injected', 'Not Injected'] as const;

/** `status.conditions` of every kind. */
export const conditions: StructuralSchema = {
  type: 'array',
  description: 'The conditions of the object, for users and for `kubectl wait`.',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status', 'reason', 'lastTransitionTime'],
    properties: {
      type: text('The name of the condition.'),
      status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'The answer.' },
      reason: text('Why, in one word.'),
      message: text('Why, in a sentence.'),
      lastTransitionTime: time('When the status last changed.'),
      observedGeneration: count('The generation of the object that the condition is about.'),
    },
  },
};

/** `status` of KernelChaos and IOChaos. */
export const experimentStatusSchema: StructuralSchema = {
  type: 'object',
  description: 'The state of the experiment; written by the controller.',
  properties: {
    phase: text('Selecting, Injecting, Running, Paused, Recovering, Finished, Scheduled or Refused.'),
    targets: text('How many of the targets are under faults, as 2/3.'),
    faults: count('How many faults there were so far.'),
    message: text('Why the experiment is in this phase.'),
    conditions,
    experiment: {
      type: 'object',
      description: 'The targets.',
      properties: {
        desiredPhase: {
          type: 'string',
          enum: ['Run', 'Stop'],
          description: 'Whether faults are wanted now.',
        },
        containerRecords: {
          type: 'array',
          description: 'One for each container that was selected.',
          items: {
            type: 'object',
            required: ['id', 'selectorKey', 'phase', 'injectedCount', 'recoveredCount'],
            properties: {
              id: text('namespace/pod/container'),
              selectorKey: text('Always ".".'),
              phase: { type: 'string', enum: TARGET_PHASES, description: 'Whether it is under faults.' },
              injectedCount: count('How often faults began.'),
              recoveredCount: count('How often faults ended.'),
              podUID: text('Which pod of this name.'),
              nodeName: text('The node that the pod is on.'),
              events: {
                type: 'array',
                description: 'What happened to it, oldest first; old entries are dropped.',
                items: {
                  type: 'object',
                  properties: {
                    type: { type: 'string', enum: ['Succeeded', 'Failed'], description: 'The result.' },
                    operation: { type: 'string', enum: ['Apply', 'Recover'], description: 'The operation.' },
                    message: text('Why it failed.'),
                    timestamp: time('When.'),
                  },
                },
              },
            },
          },
        },
      },
    },
  },
};

/** `status` of Schedule. */
export const scheduleStatusSchema: StructuralSchema = {
  type: 'object',
  description: 'What the schedule has started; written by the controller.',
  properties: {
    time: time('When an experiment was last started, or last due and skipped.'),
    next: time('When the next one is due.'),
    active: {
      type: 'array',
      description: 'The experiments that are not finished.',
      items: {
        type: 'object',
        properties: {
          kind: text('Their kind.'),
          name: text('Their name.'),
          namespace: text('Their namespace.'),
        },
      },
    },
    message: text('Why no experiment was started when one was due.'),
    conditions,
  },
};

/** `status` of Injection. */
export const injectionStatusSchema: StructuralSchema = {
  type: 'object',
  description: 'The state of the injection; written by the agent of the node.',
  properties: {
    observedGeneration: count('The generation that the agent acted upon.'),
    phase: {
      type: 'string',
      enum: TARGET_PHASES,
      description: 'Whether all of the containers are under faults.',
    },
    reason: text('Why, in one word.'),
    message: text('Why, in a sentence.'),
    lastContact: time('When the agent last wrote.'),
    faults: count('How many faults there were so far.'),
    counters: {
      type: 'object',
      description: 'How often each thing happened, by its name.',
      additionalProperties: { type: 'integer', format: 'int64' },
    },
    containers: {
      type: 'array',
      description: 'One for each container.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name', 'phase'],
        properties: {
          name: text('The name that the pod gives it.'),
          phase: { type: 'string', enum: TARGET_PHASES, description: 'Whether it is under faults.' },
          containerID: text('The id of the container; a new one after a restart.'),
          startedAt: time('When that container started.'),
          restarts: count('How often faults were injected again because it restarted.'),
          reason: text('Why it is not under faults, in one word.'),
          message: text('Why it is not under faults, in a sentence.'),
        },
      },
    },
  },
};
