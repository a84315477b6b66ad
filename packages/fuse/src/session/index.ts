export { type Channel, LONGEST_WAIT } from './channel.js';
export { DeviceChannel } from './device-channel.js';
export { type Handler, type Handling, LATER, NO_REPLY, type Parking } from './handler.js';
export type { Parked, Resume } from './parked-requests.js';
export { type Attendant, Session, type SessionOptions } from './session.js';
