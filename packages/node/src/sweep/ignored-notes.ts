/** What a sweep says of fields of a document that choose among matches. Pure. @param fields undefined = not given */
export function ignoredNotes(fields: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  if (names.length === 0) return [];
  return [`${names.join(' and ')} of the document: ignored, a sweep fails one match per run, each in turn`];
}
