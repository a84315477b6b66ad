/** Kubernetes clusters: ORD-800 to ORD-849. */
export const clusterCodes = {
  'ORD-801': {
    title: 'The API server refused the request',
    wayOut:
      'The message is that of the API server. Forbidden means that RBAC does not allow this user to do it.',
  },
  'ORD-802': {
    title: 'The API server cannot be reached',
    wayOut: 'Check the server in the kubeconfig (kubectl cluster-info) and the network.',
  },
  'ORD-803': {
    title: 'The kubeconfig cannot be used',
    wayOut: 'Check it with kubectl config view; KUBECONFIG names another file.',
  },
  'ORD-804': {
    title: 'An injection could not be undone completely',
    wayOut: 'Run ordeal recover on that node; the message names what was left.',
  },
  'ORD-805': {
    title: 'Ordeal is not installed in the cluster',
    wayOut: 'Install it with `ordeal install`, or check with --context which cluster is meant.',
  },
  'ORD-806': {
    title: 'The cluster has no such object',
    wayOut: '`ordeal get -A` lists the experiments of all namespaces.',
  },
  'ORD-807': {
    title: 'The chart cannot be rendered',
    wayOut:
      'Check the values that were given; charts/ordeal/values.yaml has all of them with their defaults.',
  },
  'ORD-808': {
    title: 'Another tool or system has installed this in the cluster',
    wayOut: 'Remove it with the tool that installed it.',
  },
  'ORD-809': {
    title: 'There are still experiments in the cluster',
    wayOut: 'Delete them with kubectl, or let --experiments do it: all faults are lifted first.',
  },
  'ORD-810': {
    title: 'Metrics cannot be served',
    wayOut: 'Choose another --metrics-port, or leave it out: nothing else needs it.',
  },
} as const;
