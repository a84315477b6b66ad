import type { Handling, Parking, Reply, Request } from '@ordeal/fuse';
import type { Volume } from '../volume.js';

/** Answers one kind of request on the backing tree; see `Handling` for the result. */
export type Operation = (volume: Volume, request: Request, reply: Reply, parking: Parking) => Handling;
