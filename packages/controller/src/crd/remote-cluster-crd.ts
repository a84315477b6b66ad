import type { StructuralSchema } from '@ordeal/experiment';
import { AGE, definition, name } from './definition.js';
import { conditions } from './status-schema.js';

const spec: StructuralSchema = {
  type: 'object',
  description: 'Where the other cluster is, and what is installed there.',
  required: ['namespace', 'version', 'kubeConfig'],
  properties: {
    namespace: {
      ...name('The namespace of the other cluster that Ordeal is installed into.'),
      'x-kubernetes-validations': [
        {
          rule: 'self == oldSelf',
          message: 'cannot be changed: delete the RemoteCluster and create another',
        },
      ],
    },
    version: name('The version of Ordeal that the other cluster is kept at: that of this controller.'),
    kubeConfig: {
      type: 'object',
      description: 'How the other cluster is reached.',
      required: ['secretRef'],
      properties: {
        secretRef: {
          type: 'object',
          description: 'A kubeconfig in a Secret of this cluster; it needs no file and no plugin.',
          required: ['namespace', 'name', 'key'],
          properties: {
            namespace: name('The namespace of the Secret.'),
            name: name('The name of the Secret.'),
            key: name('The key of the Secret.'),
          },
        },
      },
    },
    configOverride: {
      type: 'object',
      description: "Values of the chart, over the chart's own.",
      'x-kubernetes-preserve-unknown-fields': true,
    },
  },
};

const status: StructuralSchema = {
  type: 'object',
  description: 'The state of the installation; written by the controller.',
  properties: {
    currentVersion: { type: 'string', description: 'The version that was installed last.' },
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      description: 'The generation that was installed last.',
    },
    message: { type: 'string', description: 'Why it is not installed.' },
    conditions,
  },
};

/** The CRD of RemoteCluster. */
export function remoteClusterCrd() {
  const installed = (field: string) => `.status.conditions[?(@.type=="Installed")].${field}`;
  return definition({
    kind: 'RemoteCluster',
    plural: 'remoteclusters',
    singular: 'remotecluster',
    shortNames: [],
    clusterScoped: true,
    columns: [
      {
        name: 'Version',
        type: 'string',
        jsonPath: '.status.currentVersion',
        description: 'What is installed.',
      },
      {
        name: 'Installed',
        type: 'string',
        jsonPath: installed('status'),
        description: 'Whether it is installed.',
      },
      { name: 'Reason', type: 'string', jsonPath: installed('reason'), description: 'Why, in one word.' },
      AGE,
      { name: 'Message', type: 'string', jsonPath: '.status.message', description: 'Why.', priority: 1 },
    ],
    schema: {
      type: 'object',
      description:
        'Another cluster: Ordeal is installed there, and experiments that name it are created there.',
      required: ['spec'],
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        metadata: { type: 'object' },
        spec,
        status,
      },
    },
  });
}
