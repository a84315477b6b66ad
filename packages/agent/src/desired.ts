import type { Injection } from '@ordeal/controller';
import type { Applied } from '@ordeal/supervisor';

const API_VERSION = 'chaos-mesh.org/v1alpha1';

/** The supervisor's id for one container of an Injection. A uid has no slash, and is never reused. */
export function supervisedId(uid: string, container: string): string {
  return `${uid}/${container}`;
}

/** The uid of the Injection that a supervisor's id belongs to. */
export function uidOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/**
 * The desired injection for one container of an Injection. The document's selector and mode are ignored:
 * the target is chosen already. Pure.
 */
export function appliedFor({ metadata, spec }: Injection, container: string): Applied {
  const { kind, name } = spec.experiment;
  const fault = kind === 'IOChaos' ? spec.ioChaos : spec.kernelChaos;
  const { namespace, name: pod, uid } = spec.pod;
  return {
    document: JSON.stringify(
      {
        apiVersion: API_VERSION,
        kind,
        metadata: { name, namespace: metadata.namespace },
        spec: { mode: 'one', selector: {}, ...fault },
      },
      undefined,
      2,
    ),
    target: { kind: 'pod-container', namespace, pod, uid, container },
    deadline: spec.deadline === undefined ? undefined : Date.parse(spec.deadline),
  };
}
