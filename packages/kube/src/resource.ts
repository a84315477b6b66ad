/** The fields common to all objects of the API. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** `metadata` as the server returns it. */
export interface ObjectMeta {
  readonly name: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace?: string;
  readonly uid: string;
  /** Changes with each change of the object; can only be compared for equality. */
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
}

/** The owner, with which this object is deleted. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** An object to be written: the server fills in the rest of `metadata`. */
export type Draft<T extends KubeObject> = Omit<T, 'metadata'> & {
  readonly metadata: { readonly [K in keyof ObjectMeta]?: ObjectMeta[K] | undefined } & ObjectRef;
};

/** One kind of object as a path of the API. `T` is the type of its objects. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Only there to carry the type. */
  readonly object?: T;
}

/** Names one object; `namespace` for namespaced kinds only. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** `group/version`, as in `apiVersion`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The path of a collection; of all namespaces when none is given. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const { group, plural, namespaced } = resource;
  const base = `${group === '' ? '/api' : '/apis'}/${apiVersionOf(resource)}`;
  const place = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${base}${place}/${plural}`;
}

/** The path of one object, or of a subresource such as `status`. */
export function objectPath(resource: Resource, ref: ObjectRef, subresource?: string): string {
  const path = `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The reference to an object. */
export function refOf({ metadata: { namespace, name } }: { readonly metadata: ObjectRef }): ObjectRef {
  return { namespace, name };
}
