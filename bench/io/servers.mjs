// What the same tree is reached through: bare, Ordeal's server, libfuse's examples.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bound } from './cpus.mjs';

/** Longest that a server may take to be there, milliseconds. */
const LIMIT = 10_000;

/**
 * @typedef {object} Served
 * @property {string} name
 * @property {string} path where the tree is seen
 * @property {number} pid of the server; 0 for none
 * @property {() => Promise<void>} stop
 */

/** @returns {Promise<Served>} */
export async function bare(tree) {
  return { name: 'bare', path: tree, pid: 0, stop: async () => {} };
}

/**
 * An injection as `ordeal run` makes it, over the tree itself.
 *
 * @param {string} tree
 * @param {...object} rules fields of each `spec`; what is left out makes a rule that never fires
 * @returns {Promise<Served & { stops: number[] }>}
 */
export async function ordeal(tree, ...rules) {
  const specs = rules.map((fields) => ({
    action: 'fault',
    errno: 5,
    methods: [],
    percent: 0,
    volumePath: tree,
    ...fields,
  }));
  const program = fileURLToPath(new URL('./holder.mjs', import.meta.url));
  // Its keeper and mover are bound with it.
  const [command, ...words] = bound([process.execPath, program, JSON.stringify({ specs })]);
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  if (said === undefined) throw new Error('the injection was not armed');
  const { server, stops } = JSON.parse(said[0].toString());
  return {
    name: 'ordeal',
    path: tree,
    pid: server,
    stops,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/**
 * One of libfuse's examples, with all its threads.
 *
 * @param {'passthrough_ll' | 'passthrough_hp'} name
 * @param {string} directory of the programs
 * @param {string} tree
 * @param {{ cached?: boolean, checked?: boolean }} [options] with kernel caches as the example has them by default, or none;
 *   with permissions checked by the kernel (only passthrough_ll can), or not
 * @returns {Promise<Served>}
 */
export async function libfuse(name, directory, tree, { cached = false, checked = false } = {}) {
  const path = `${tree}-${name}${cached ? '-cached' : ''}`;
  mkdirSync(path, { recursive: true });
  const options =
    name === 'passthrough_ll'
      ? [
          '-f',
          '-o',
          `source=${tree},cache=${cached ? 'auto' : 'never'}${checked ? ',default_permissions' : ''}`,
          path,
        ]
      : ['--foreground', '--nosplice', '--num-threads=10', ...(cached ? [] : ['--nocache']), tree, path];
  const [program, ...rest] = bound([join(directory, name), ...options]);
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  for (const begun = performance.now(); !mounted(path); await sleep(10)) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    if (performance.now() - begun > LIMIT) throw new Error(`${name} did not mount`);
  }
  return {
    name,
    path,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function mounted(path) {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);
}
