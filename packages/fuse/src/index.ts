export {
  abortConnection,
  invalidateEntry,
  invalidateInode,
  openWaiting,
  requestResend,
  requestsWaiting,
} from './connection.js';
export { cloneDevice, closeBacking, openBacking } from './device-ioctl.js';
export {
  attachMount,
  connectionOf,
  createFuseMount,
  type FuseMountOptions,
  openFuseDevice,
} from './mount.js';
export { type FuseAbility, probeFuse } from './probe.js';
export * from './session/index.js';
export * from './wire/index.js';
