import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nearestNames, OrdealError } from '@ordeal/diagnostics';

/** An experiment that reproduces a known incident, with a description in its comments. */
export interface Incident {
  readonly name: string;
  readonly title: string;
  readonly happens: string;
  readonly seen: string;
  /** What a program that handles it does. */
  readonly copes: string;
  /** The whole file, comments included. */
  readonly document: string;
}

const SUFFIX = '.yaml';
/** The same depth below the package in the compiled and the bundled form. */
const DIRECTORY = fileURLToPath(new URL('../../incidents/', import.meta.url));

/** All incidents that come with Ordeal, sorted by name. */
export function readIncidents(): Incident[] {
  const files = readdirSync(DIRECTORY).filter((file) => file.endsWith(SUFFIX));
  return files
    .sort()
    .map((file) => parseIncident(file.slice(0, -SUFFIX.length), readFileSync(`${DIRECTORY}${file}`, 'utf8')));
}

/** @throws OrdealError ORD-901 with the nearest names */
export function findIncident(name: string): Incident {
  const all = readIncidents();
  const found = all.find((incident) => incident.name === name);
  if (found) return found;
  const [near] = nearestNames(
    name,
    all.map((incident) => incident.name),
    1,
  );
  throw new OrdealError('ORD-901', `There is no incident '${name}'`, {
    hint:
      near === undefined
        ? '`ordeal new` lists them.'
        : `Did you mean ${near}? \`ordeal new\` lists them all.`,
  });
}

/** The same document for another volume. @throws OrdealError ORD-901 if it has none, or the path is not absolute */
export function withVolume({ name, document }: Incident, path: string): string {
  if (!path.startsWith('/')) throw new OrdealError('ORD-901', `--volume: ${path} is not an absolute path`);
  const changed = document.replace(
    /^(\s*volumePath: ).*$/m,
    (_, before: string) => before + JSON.stringify(path),
  );
  if (changed === document && !document.includes('volumePath:'))
    throw new OrdealError('ORD-901', `--volume: ${name} is about the kernel, not about a volume`);
  return changed;
}

/**
 * Parses the description in the comments at the top of a document: the title, then labelled paragraphs whose
 * continuation lines are indented. Pure.
 */
export function parseIncident(name: string, document: string): Incident {
  const comments = document.split('\n').filter((line) => line.startsWith('#'));
  const [title = name, ...rest] = comments.map((line) => line.slice(2));
  const text = rest.join('\n').replace(/\n {2}/g, ' ');
  const labelled = (label: string) => new RegExp(`^${label}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    name,
    title,
    happens: labelled('What happens'),
    seen: labelled('Seen'),
    copes: labelled('A good program'),
    document,
  };
}
