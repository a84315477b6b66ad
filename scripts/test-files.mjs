import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

/** Which tests run where, by the end of their names. */
const SUFFIXES = {
  unit: '.test.js',
  host: '.host.test.js',
  lab: '.lab.test.js',
  cluster: '.cluster.test.js',
  node: '.node.test.js',
};

/**
 * The compiled tests of a stage whose source still exists; the tests of the scripts are unit tests.
 *
 * @param {'unit' | 'host' | 'lab' | 'cluster' | 'node'} stage
 * @param {string | undefined} pattern part of the path
 */
export function testFiles(stage, pattern) {
  const packages = readdirSync(join(root, 'packages'));
  const files = packages.flatMap((name) => {
    const dist = join(root, 'packages', name, 'dist');
    if (!existsSync(dist)) return [];
    return readdirSync(dist, { recursive: true })
      .filter((file) => file.endsWith(SUFFIXES[stage]) && !file.startsWith('bundle'))
      .filter((file) => stage !== 'unit' || !/\.(host|lab|cluster|node)\.test\.js$/.test(file))
      .filter((file) => existsSync(join(root, 'packages', name, 'src', file.replace(/\.js$/, '.ts'))))
      .map((file) => join(dist, file));
  });
  const scripts = readdirSync(join(root, 'scripts'), { recursive: true }).filter((file) =>
    file.endsWith('.test.mjs'),
  );
  if (stage === 'unit') files.push(...scripts.map((file) => join(root, 'scripts', file)));
  return files.filter((file) => pattern === undefined || file.includes(pattern)).sort();
}
