/** For tests of packages that use our kinds in a cluster. */

export { installCrds } from './install-crds.js';
export { randomExperiments } from './random-objects.js';
export { type Behaviour, StandInAgent } from './stand-in-agent.js';
