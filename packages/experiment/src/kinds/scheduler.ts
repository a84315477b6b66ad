import { object } from '../schema/object.js';
import { inLanguage } from '../schema/scalar.js';
import { optional, required } from '../schema/shape.js';
import { parseSchedule } from '../time/schedule.js';

/** A parsed schedule string of the document. */
export const scheduleShape = inLanguage(
  'a cron expression of 5 or 6 fields, a descriptor such as @hourly, or @every and a Go duration',
  'ORD-115',
  parseSchedule,
);

/** The field with which documents before the kind Schedule repeated an experiment. */
export const schedulerField = {
  scheduler: optional(
    object({ cron: required(scheduleShape, 'When the experiment starts; each run lasts its duration.') }),
    'Repeats the experiment; the form before the kind Schedule, and read as one.',
  ),
};
