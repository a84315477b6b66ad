import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { O_PATH, openPath } from '@ordeal/linux';
import { Move } from '../move.js';
import { sameFilesBelow } from '../same-files.js';

/** A program for tests: moves a process to and fro between two mounts until it is killed. */
const [, , directory = '', pid] = argv;
const roots = ['old', 'new'].map((name) => openPath(join(directory, name), O_PATH));
stdout.write('moving\n');
for (let turn = 0; ; turn++) {
  const [from, to] = turn % 2 === 0 ? roots : [...roots].reverse();
  if (!from || !to) break;
  const move = new Move({
    from: from.number,
    openOnNewSide: sameFilesBelow(to.number),
    processes: () => [Number(pid)],
  });
  move.run();
  move.close();
}
