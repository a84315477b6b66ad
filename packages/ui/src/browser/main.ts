// The script of the page that `ordeal ui` serves.
import type { Template } from '../shown-run.js';
import { ask, messageOf } from './api.js';
import { part, say } from './element.js';
import { followRuns } from './run-list.js';
import { StartForm } from './start-form.js';

const form = document.getElementById('start');
const nothing = form
  ? 'Nothing is held. Start a run below, or with ordeal run --detach.'
  : 'There are no experiments.';
followRuns(part('runs'), part('connection'), nothing);
if (form) void begin(form);

function begin(form: HTMLElement): Promise<unknown> {
  return ask<readonly Template[]>('/api/templates').then(
    (templates) => new StartForm(form, templates),
    (error: unknown) => say(part('connection'), messageOf(error)),
  );
}
