import { editDistance, nearestNames } from '@ordeal/diagnostics';

/** Upper bound of a useful list. */
const MAX_LISTED = 16;

/** `did you mean 'name'?`; `undefined` if no name is close. */
export function didYouMean(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const quoted = names.map((name) => `'${name}'`);
  const last = quoted.pop();
  return `did you mean ${quoted.length > 0 ? `${quoted.join(', ')} or ` : ''}${last}?`;
}

/** `members: hash, len, name`, truncated if it is too long. */
export function listing(what: string, names: readonly string[]): string {
  if (names.length === 0) return `there are no ${what}`;
  const shown = names.slice(0, MAX_LISTED).join(', ');
  const more = names.length - MAX_LISTED;
  return `${what}: ${shown}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Several hints at one caret. */
export function hints(...parts: readonly (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length > 0 ? present.join(' ') : undefined;
}

/** The names that may have been meant; for short ones only those that share a letter. */
export function nearNames(name: string, candidates: Iterable<string>): string[] {
  return nearestNames(name, candidates).filter(
    (candidate) => editDistance(name, candidate) < Math.min(name.length, candidate.length),
  );
}
