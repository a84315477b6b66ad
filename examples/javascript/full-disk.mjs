/** Every write below a directory fails with ENOSPC. */
export const fullDisk = (directory) => ({
  apiVersion: 'chaos-mesh.org/v1alpha1',
  kind: 'IOChaos',
  metadata: { name: 'full-disk' },
  spec: { action: 'fault', mode: 'all', selector: {}, volumePath: directory, methods: ['write'], errno: 28 },
});
