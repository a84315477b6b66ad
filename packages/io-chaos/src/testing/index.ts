/** Test support for packages that hold I/O faults. */
export { halting } from './halting.js';
