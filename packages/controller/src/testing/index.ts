/** For tests of packages that use our kinds in a cluster. */

export { answerAll, asksForRetry } from './answer-all.js';
export { installCrds } from './install-crds.js';
export { randomExperiments } from './random-objects.js';
export { type Behaviour, StandInAgent } from './stand-in-agent.js';
