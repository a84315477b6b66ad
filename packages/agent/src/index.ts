/** Reconciles the injections of one node with the cluster, and reports their status. */

export { Agent, type AgentOptions } from './agent.js';
