import type { Snapshot } from '../shown-run.js';
import { address } from './api.js';
import { element, say } from './element.js';
import { RunCard } from './run-card.js';

/** Shows the runs as the server tells them, newest first; what is focused stays where it is. */
export function followRuns(list: HTMLElement, connection: HTMLElement, nothingText: string): void {
  const cards = new Map<string, RunCard>();
  const nothing = element('p', { class: 'hint' }, nothingText);
  const events = new EventSource(address('/api/events'));
  events.addEventListener('error', () =>
    say(connection, 'not connected: ordeal ui has ended, or cannot be reached'),
  );
  events.addEventListener('message', ({ data }: MessageEvent<string>) => {
    const { runs, error } = JSON.parse(data) as Snapshot;
    say(connection, error);
    const names = new Set(runs.map(({ name }) => name));
    for (const [name, card] of cards) {
      if (names.has(name)) continue;
      card.root.remove();
      cards.delete(name);
    }
    for (const run of runs) {
      const card = cards.get(run.name);
      if (card) card.show(run);
      else {
        const fresh = new RunCard(run);
        cards.set(run.name, fresh);
        list.prepend(fresh.root);
      }
    }
    if (runs.length > 0) nothing.remove();
    else list.append(nothing);
  });
}
