/** Makes the injections of one node what the cluster says they should be, and says what became of them. */

export { Agent, type AgentOptions } from './agent.js';
