import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { attempt, type Case, type Observation } from './case.js';

/** The same whole numbers below a limit for the same seed, on both sides of the comparison. */
export function numbers(seed: number): (limit: number) => number {
  const generator = xoroshiro128plus(seed);
  return (limit) => uniformInt(generator, 0, limit - 1);
}

/** Everything below a directory: names, kinds, modes, sizes, link counts and contents. */
export function tree(directory: string): string {
  const hash = createHash('sha256');
  const names = fs.readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names) {
    const stat = fs.lstatSync(`${directory}/${name}`);
    const size = stat.isDirectory() ? 0 : stat.size;
    hash.update(`${name} ${stat.mode} ${size} ${stat.nlink} ${stat.uid}\n`);
    if (stat.isFile()) hash.update(fs.readFileSync(`${directory}/${name}`));
    if (stat.isSymbolicLink()) hash.update(fs.readlinkSync(`${directory}/${name}`));
  }
  return `${names.length} ${hash.digest('hex')}`;
}

/** In the manner of fsx and fsstress: names and open files in small numbers, so that they meet often. */
function randomOperations(directory: string, seed: number, count: number): Observation {
  const random = numbers(seed);
  const open: number[] = [];
  const name = () => {
    const depth = random(3);
    let file = directory;
    for (let level = 0; level < depth; level++) file += `/d${random(3)}`;
    return `${file}/${random(4) === 0 ? 'd' : 'f'}${random(4)}`;
  };
  const handle = () => open[random(Math.max(1, open.length))] ?? -1;
  const operations: readonly (() => unknown)[] = [
    () => open.push(fs.openSync(name(), ['r', 'r+', 'w', 'w+', 'a', 'wx'][random(6)] ?? 'r')),
    () => open.push(fs.openSync(name(), 'w+')),
    () => {
      const [fd] = open.splice(random(Math.max(1, open.length)), 1);
      if (fd !== undefined) fs.closeSync(fd);
    },
    () => fs.writeSync(handle(), Buffer.alloc(1 + random(9000), random(256)), 0, undefined, random(20000)),
    () => fs.writeSync(handle(), Buffer.alloc(1 + random(300), random(256))),
    () => {
      const bytes = Buffer.alloc(random(10000));
      const read = fs.readSync(handle(), bytes, 0, bytes.length, random(20000));
      return `${read} ${createHash('md5').update(bytes).digest('hex')}`;
    },
    () => fs.ftruncateSync(handle(), random(25000)),
    () => fs.truncateSync(name(), random(25000)),
    () => fs.mkdirSync(name()),
    () => fs.rmdirSync(name()),
    () => fs.unlinkSync(name()),
    () => fs.renameSync(name(), name()),
    () => fs.linkSync(name(), name()),
    () => fs.symlinkSync(`f${random(4)}`, name()),
    () => fs.chmodSync(name(), random(0o10000)),
    () => fs.fstatSync(handle()).size,
    () => fs.lstatSync(name()).nlink,
    () => fs.readdirSync(name()).sort(),
    () => fs.readlinkSync(name()),
    () => fs.fsyncSync(handle()),
  ];
  const hash = createHash('sha256');
  for (let step = 0; step < count; step++) {
    const which = random(operations.length);
    const result = attempt(() => operations[which]?.());
    hash.update(`${which} ${JSON.stringify(result)}\n`);
  }
  for (const fd of open) fs.closeSync(fd);
  return [hash.digest('hex'), tree(directory)];
}

export const randomCases: readonly Case[] = [1, 2, 3, 4].map((seed) => ({
  name: `random operations, seed ${seed}`,
  run: (directory) => randomOperations(directory, seed, 1500),
}));
