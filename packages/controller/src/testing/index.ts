/** For the tests of the packages that work with our kinds in a cluster. */

export { installCrds } from './install-crds.js';
export { type Behaviour, StandInAgent } from './stand-in-agent.js';
