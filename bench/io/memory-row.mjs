// Whether the serving process gets back to its size after it has known very many files.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture } from '../../scripts/step.mjs';
import { table } from '../table.mjs';
import { ordeal } from './servers.mjs';

const GOAL = 1.2;
const FILES = 1_000_000;
const DIRECTORIES = 100;
/** Longest that giving memory back may take, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Touches every file of a tree and has the kernel forget them. Dropping dentries and inodes (`echo 2 > drop_caches`) is
 * for the whole machine: other programs look names up again.
 *
 * @param {import('./io.mjs').Bench} bench
 */
export async function memoryTable(bench) {
  const tree = join(bench.stores.tmpfs, 'many');
  makeTree(tree);
  const server = await ordeal(tree, { methods: ['read', 'write'] });
  try {
    // What a server needs anyway comes first: code, and room for some files.
    await look(join(tree, '0'));
    forget();
    await sleep(2000);
    const start = residentMiB(server.pid);
    await look(tree);
    const touched = residentMiB(server.pid);
    forget();
    let end = residentMiB(server.pid);
    const begun = performance.now();
    while (end > start * GOAL && performance.now() - begun < PATIENCE) {
      await sleep(500);
      end = residentMiB(server.pid);
    }
    return table(
      `Memory of the serving process around ${FILES} files, MiB resident`,
      ['', 'before', 'with them', 'afterwards', 'ratio', 'goal', ''],
      [
        [
          'resident',
          start.toFixed(0),
          touched.toFixed(0),
          end.toFixed(0),
          (end / start).toFixed(2),
          `<= ${GOAL}`,
          end <= start * GOAL ? 'met' : 'not met',
        ],
      ],
    );
  } finally {
    await server.stop();
  }
}

function makeTree(tree) {
  for (let directory = 0; directory < DIRECTORIES; directory++) {
    mkdirSync(join(tree, String(directory)), { recursive: true });
    for (let file = 0; file < FILES / DIRECTORIES; file++)
      writeFileSync(join(tree, String(directory), String(file)), '');
  }
}

/** Looks up and stats everything below a directory. */
async function look(directory) {
  const { code, output } = await capture(['find', directory, '-type', 'f', '-size', '+0']);
  if (code !== 0) throw new Error(`find failed:\n${output}`);
}

function forget() {
  execFileSync('sh', ['-c', 'echo 2 > /proc/sys/vm/drop_caches']);
}

function residentMiB(pid) {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
