import { channel } from 'node:diagnostics_channel';

/** The steps of the processes of an injection, in the order in which they reach them. */
export const STEPS = {
  keeper: [
    'checked',
    'journal written',
    'mount made',
    'connection recorded',
    'server started',
    'cover recorded',
    'serving',
    'cover half placed',
    'cover placed',
    'moved',
    'enabled',
    'disabled',
    'moved back',
    'uncovered',
    'moved back again',
    'closed',
  ],
  server: [
    ...(['started', 'serving', 'appending', 'appended'] as const),
    ...(['changing', 'change made', 'changed', 'disabling'] as const),
  ],
  'mover there': ['begun', 'stopped', 'prepared', 'mapped', 'moved'],
  'mover back': ['begun', 'stopped', 'prepared', 'mapped', 'moved'],
  recovery: ['begun', 'uncovered', 'moved back', 'closed'],
} as const;

export type Role = keyof typeof STEPS;

/** `@ordeal/fault-fs` and `@ordeal/cover` publish the steps that lie in them here, too. */
const steps = channel('ordeal:step');

/** Tells that this process has reached a step, to whoever watches its diagnostics channel: `ROLE: STEP`. */
export function reached<Who extends Role>(role: Who, step: (typeof STEPS)[Who][number]): void {
  if (steps.hasSubscribers) steps.publish(`${role}: ${step}`);
}
