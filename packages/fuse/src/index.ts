export { abortConnection, invalidateEntry, invalidateInode, requestResend } from './connection.js';
export { cloneDevice, closeBacking, openBacking } from './device-ioctl.js';
export {
  attachMount,
  connectionOf,
  createFuseMount,
  type FuseMountOptions,
  openFuseDevice,
} from './mount.js';
export { type FuseAbility, probeFuse } from './probe.js';
export { type Channel, LONGEST_WAIT } from './session/channel.js';
export { DeviceChannel } from './session/device-channel.js';
export { type Handler, type Handling, LATER, NO_REPLY, type Parking } from './session/handler.js';
export type { Parked, Resume } from './session/parked-requests.js';
export { Session, type SessionOptions } from './session/session.js';
export * from './wire/index.js';
