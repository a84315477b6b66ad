/** For tests of packages that move processes. */

export { eventually, FIXTURES, Puppet, pause, TwoMounts } from './two-mounts.js';
