/** For tests of packages that need a served file system. */

export { ServedVolume } from './served-volume.js';
