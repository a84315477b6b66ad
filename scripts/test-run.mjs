import { chmodSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as leftovers from './leftovers.mjs';

const PREFIX = 'ordeal-test-run-';
/** In the environment of every process of a run: its directory. */
const MARKER = 'ORDEAL_TEST_RUN';

/**
 * One run of tests: gives them a directory for temporary files and marks their processes, so that what they leave can be
 * told from what others have. Everything is started with `env`.
 */
export class TestRun {
  directory;
  env;
  #shared;
  #before;
  #patienceMs;

  /**
   * @param {{ shared?: [string, RegExp][], patienceMs?: number }} options `shared`: directories that others use, too,
   *   with the names that nobody but this run makes there; `patienceMs`: how long processes that are about to end may
   *   take
   */
  constructor({ shared = [], patienceMs = 60_000 } = {}) {
    this.#shared = shared;
    this.#patienceMs = patienceMs;
    removeKilledRuns();
    this.directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    // As /tmp: tests have programs of other users.
    chmodSync(this.directory, 0o1777);
    this.env = { TMPDIR: this.directory, [MARKER]: this.directory };
    this.#before = new Set(leftovers.namedLeftovers(shared));
  }

  /** Removes what the run left. @returns a line for each thing */
  async end() {
    const marker = `${MARKER}=${this.directory}`;
    const late = performance.now() + this.#patienceMs;
    while (leftovers.processesWith(marker).length > 0 && performance.now() < late) await setTimeout(50);
    const found = [
      ...leftovers.processesWith(marker).map(({ pid, command }) => `process ${pid}: ${command}`),
      ...leftovers.mountsBelow(this.directory).map((point) => `mount at ${point}`),
      ...leftovers.loopDevicesBelow(this.directory).map((device) => `loop device ${device}`),
      ...readdirSync(this.directory).map((name) => join(this.directory, name)),
    ];
    removeRun(this.directory);
    const named = leftovers.namedLeftovers(this.#shared).filter((path) => !this.#before.has(path));
    const ours = named.filter((path) => path !== this.directory && !leftovers.isUsed(path));
    for (const path of ours) leftovers.remove(path);
    return [...found, ...ours];
  }
}

/** Runs that were killed could not tidy up. */
function removeKilledRuns() {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) && Number.parseInt(name.slice(PREFIX.length), 10);
    if (pid && !isAlive(pid)) removeRun(join(tmpdir(), name));
  }
}

function removeRun(directory) {
  for (const { pid } of leftovers.processesWith(`${MARKER}=${directory}`)) {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  leftovers.remove(directory);
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
