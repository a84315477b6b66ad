import { channel } from 'node:diagnostics_channel';

/** The steps of a supervisor. */
export const STEPS = [
  ...(['recovered', 'opened'] as const),
  ...(['written', 'arming', 'armed'] as const),
  ...(['updating', 'updated'] as const),
  ...(['removed', 'lifted'] as const),
] as const;

/** `@ordeal/io-chaos` publishes its steps here, too. */
const steps = channel('ordeal:step');

/** Tells that the supervisor has reached a step, to whoever watches its diagnostics channel. */
export function reached(step: (typeof STEPS)[number]): void {
  if (steps.hasSubscribers) steps.publish(`supervisor: ${step}`);
}
