import { channel } from 'node:diagnostics_channel';

/** Carrying out an append; it is carried out; a name was changed and is not answered yet. */
export type ServingStep = 'appending' | 'appended' | 'changed';

const steps = channel('ordeal:step');

/** Tells that this process has reached a step, to whoever watches its diagnostics channel: `server: STEP`. */
export function reached(step: ServingStep): void {
  if (steps.hasSubscribers) steps.publish(`server: ${step}`);
}
