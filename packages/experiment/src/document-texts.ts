import { readTrees } from './yaml/read-tree.js';
import { SourceFile } from './yaml/source-file.js';

/**
 * The text of each document of a YAML text, in order, as written: each is valid on its own. Empty for
 * a text that {@link parseDocuments} rejects as a whole.
 */
export function documentTexts(source: string): string[] {
  const trees = readTrees(new SourceFile('', source));
  if (!('map' in trees)) return [];
  return trees.map(({ range: [start, , end] }) => source.slice(start, end));
}
