import type { StructuralSchema } from '@ordeal/experiment';

/** The group and version of all our kinds. */
export const GROUP = 'chaos-mesh.org';
export const VERSION = 'v1alpha1';

/** The columns of `kubectl get` besides the name. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1 is only printed with `-o wide`. */
  readonly priority?: 1;
}

export interface DefinitionOptions {
  /** Default: ours. */
  readonly group?: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** In no namespace. */
  readonly clusterScoped?: boolean;
  readonly schema: StructuralSchema;
  readonly columns: readonly Column[];
  /** Fields that a field selector may use. */
  readonly selectableFields?: readonly string[];
}

/** A CustomResourceDefinition. Only those of our group are in the category `chaos`. */
export function definition(options: DefinitionOptions) {
  const { kind, plural, singular, shortNames, schema, columns, selectableFields = [] } = options;
  const { group = GROUP } = options;
  const categories = group === GROUP ? { categories: ['chaos'] } : {};
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}`, labels: { 'app.kubernetes.io/part-of': 'ordeal' } },
    spec: {
      group,
      scope: options.clusterScoped ? 'Cluster' : 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, ...categories },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          ...(selectableFields.length > 0
            ? { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }
            : {}),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

/** A field that names an object. */
export const name = (description: string): StructuralSchema => ({
  type: 'string',
  minLength: 1,
  maxLength: 253,
  description,
});

/** The age that `kubectl get` prints last. */
export const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long ago it was created.',
};
