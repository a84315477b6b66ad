import type { SweepNote } from './sweep-note.js';

/** Fields of a document that choose among matches, which a sweep ignores. Pure. @param fields undefined = not given */
export function ignoredFields(fields: Readonly<Record<string, unknown>>): SweepNote[] {
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  return names.length === 0 ? [] : [{ kind: 'fields ignored', fields: names }];
}
