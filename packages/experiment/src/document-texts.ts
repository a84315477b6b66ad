import { readTrees } from './yaml/read-tree.js';
import { SourceFile } from './yaml/source-file.js';

/**
 * The text of each document of a YAML text, in their order, as it was written: each means the same by itself. Empty for
 * a text that {@link parseDocuments} gives up.
 */
export function documentTexts(source: string): string[] {
  const trees = readTrees(new SourceFile('', source));
  if (!('map' in trees)) return [];
  return trees.map(({ range: [start, , end] }) => source.slice(start, end));
}
