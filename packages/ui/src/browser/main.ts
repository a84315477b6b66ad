// The script of the page that `ordeal ui` serves.
import type { Template } from '../shown-run.js';
import { ask, messageOf } from './api.js';
import { part, say } from './element.js';
import { followRuns } from './run-list.js';
import { StartForm } from './start-form.js';

followRuns(part('runs'), part('connection'));
ask<readonly Template[]>('/api/templates').then(
  (templates) => new StartForm(part('start'), templates),
  (error: unknown) => say(part('connection'), messageOf(error)),
);
