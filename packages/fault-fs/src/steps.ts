import { channel } from 'node:diagnostics_channel';

/**
 * Carrying out an append; it is carried out; changing a name; it is changed; that is noted and not answered yet.
 */
export type ServingStep = 'appending' | 'appended' | 'changing' | 'change made' | 'changed';

const steps = channel('ordeal:step');

/** Publishes on the process's diagnostics channel that it has reached a step: `server: STEP`. */
export function reached(step: ServingStep): void {
  if (steps.hasSubscribers) steps.publish(`server: ${step}`);
}
