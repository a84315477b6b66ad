import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerConfig } from './container-config.js';

/** Where agents search for containers: runc's state directory. */
const STATE = '/run/runc';
/** Appends to a log, and records elsewhere whether that worked. */
const PROGRAM = `while :; do
  echo line 2>/dev/null >>/data/log && echo written >>/notes/notes || echo failed >>/notes/notes
  /bin/busybox usleep 20000
done`;

let containers = 0;

/**
 * A container of runc with the annotations and the cgroup that a kubelet with containerd gives it. The owner closes it.
 */
export class PodContainer {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-pod-'));
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly container = 'app';
  #id = '';

  /** @param pod its pod; by default one that the API server does not know */
  constructor(
    pod: PodContainer['pod'] = { namespace: 'default', name: `writer-${process.pid}`, uid: randomUUID() },
  ) {
    this.pod = pod;
    const root = join(this.directory, 'rootfs');
    for (const name of ['bin', 'proc', 'dev', 'data', 'notes']) {
      mkdirSync(join(root, name), { recursive: true });
    }
    for (const name of ['volume', 'notes']) mkdirSync(join(this.directory, name));
    copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  }

  /** Runs it under a new id, as after a restart. */
  start(): void {
    this.#id = `ordeal-pod-${process.pid}-${containers++}`;
    writeFileSync(join(this.directory, 'config.json'), JSON.stringify(this.#config()));
    const log = join(this.directory, 'runc.log');
    execFileSync('runc', ['--log', log, 'run', '--detach', '--bundle', this.directory, this.#id], {
      stdio: 'ignore',
    });
  }

  kill(): void {
    if (this.#id !== '') execFileSync('runc', ['delete', '--force', this.#id], { stdio: 'ignore' });
    this.#id = '';
  }

  /** Waits for a new record of this; at most a minute. */
  async notes(what: 'written' | 'failed', times = 1): Promise<void> {
    const path = join(this.directory, 'notes/notes');
    const count = () =>
      read(path)
        .split('\n')
        .filter((line) => line === what).length;
    const before = count();
    const begun = performance.now();
    while (count() < before + times) {
      if (performance.now() - begun > 60_000) throw new Error(`waited in vain until a write is ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits until it works on its own file system; at most a minute. */
  async becomesBare(): Promise<void> {
    const begun = performance.now();
    while (this.covered) {
      if (performance.now() - begun > 60_000) throw new Error('waited in vain until nothing is mounted');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await this.notes('written', 3);
  }

  /** Whether a file system of Ordeal is mounted in its mount namespace. */
  get covered(): boolean {
    const { init_process_pid: pid } = JSON.parse(read(join(STATE, this.#id, 'state.json')));
    return read(`/proc/${pid}/mountinfo`).includes('fuse.ordeal');
  }

  close(): void {
    this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  #config() {
    const bind = (source: string, destination: string) => ({
      destination,
      type: 'bind',
      source: join(this.directory, source),
      options: ['rbind', 'rw'],
    });
    return containerConfig({
      pod: this.pod,
      container: this.container,
      id: this.#id,
      engine: 'containerd',
      rootfs: 'rootfs',
      program: PROGRAM,
      mounts: [bind('volume', '/data'), bind('notes', '/notes')],
    });
  }
}

function read(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
