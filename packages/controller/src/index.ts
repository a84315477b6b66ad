/** Turns experiments in a cluster into injections on its nodes, and sums up what became of them. */

export { customResourceDefinitions } from './crd/crds.js';
