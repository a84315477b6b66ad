/** An IOChaos with these additional fields in its spec. */
export function ioChaos(fields: object, name = 'faults'): string {
  return document('IOChaos', fields, name);
}

/** A KernelChaos for a failKernRequest. */
export function kernelChaos(failKernRequest: object, name = 'faults'): string {
  return document('KernelChaos', { failKernRequest }, name);
}

function document(kind: string, fields: object, name: string): string {
  const spec = { mode: 'one', selector: {}, ...fields };
  return JSON.stringify({ apiVersion: 'chaos-mesh.org/v1alpha1', kind, metadata: { name }, spec });
}
