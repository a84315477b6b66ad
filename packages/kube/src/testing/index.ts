/** For the tests of the packages that use a cluster; needs the API server that `npm run test:cluster` starts. */

export { installDefinitions } from './definitions.js';
export { type OwnCluster, startOwnCluster } from './own-cluster.js';
export { type Relay, startRelay } from './relay.js';
export { type ConfigMap, configMaps, freshNamespace, testClient, testKubeconfig } from './test-cluster.js';
export { until } from './until.js';
