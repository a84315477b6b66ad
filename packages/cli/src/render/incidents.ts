import type { Incident } from '../host/incidents.js';
import type { Channel } from '../output/output.js';

/** One incident a line, and how to get its document. */
export function renderIncidents(incidents: readonly Incident[], { paint }: Pick<Channel, 'paint'>): string {
  const width = Math.max(...incidents.map(({ name }) => name.length));
  const lines = incidents.map(({ name, title }) => `${paint('armed', name.padEnd(width))}   ${title}\n`);
  return `${lines.join('')}\nordeal new ${incidents[0]?.name ?? 'NAME'} --volume PATH > experiment.yaml writes one.\n`;
}
