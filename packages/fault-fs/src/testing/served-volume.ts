import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { abortConnection } from '@ordeal/fuse';
import { cString, SYS, trySyscall } from '@ordeal/linux';
import type { ServerArguments, ServerStatus } from './server.js';

const MNT_DETACH = 2;
/** A client that waits in the kernel can only be freed by the connection's end, which comes after this long. */
const HANG_MS = 300_000;

/**
 * A fresh directory and a mount of the fault file system over it, served by a child process. The test's own process may
 * touch the mount, since it is not the one that serves; what might hang goes into a child process of its own.
 */
export class ServedVolume {
  /** The original tree. */
  readonly original: string;
  /** The mount. */
  readonly mounted: string;
  readonly #directory: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #errors: string[] = [];
  #connection = -1;
  #guard: NodeJS.Timeout | undefined;

  /**
   * @param below the directory in which everything is made: decides on the backing file system
   * @param kind what the root of the volume is
   */
  static async start(
    below: string,
    options: Partial<ServerArguments> = {},
    kind: 'directory' | 'file' = 'directory',
  ): Promise<ServedVolume> {
    const volume = new ServedVolume(below, options, kind);
    volume.#connection = (await volume.#next<{ connection: number }>()).connection;
    volume.#guard = setTimeout(() => volume.abort(), HANG_MS);
    return volume;
  }

  private constructor(below: string, options: Partial<ServerArguments>, kind: 'directory' | 'file') {
    this.#directory = mkdtempSync(join(below, 'ordeal-fs-'));
    chmodSync(this.#directory, 0o755);
    this.original = join(this.#directory, 'original');
    this.mounted = options.overItself ? this.original : join(this.#directory, 'mounted');
    for (const path of [this.original, this.mounted]) {
      if (kind === 'directory') mkdirSync(path, { recursive: true });
      else writeFileSync(path, '');
    }
    const given: ServerArguments = {
      original: this.original,
      mountPoint: this.mounted,
      volumePath: '/data',
      commandFile: join(this.#directory, 'command'),
      rules: [],
      unmatched: 'direct',
      attributeTimeoutSeconds: 0,
      maxPathDescriptors: 4096,
      enabled: false,
      ring: true,
      helpers: 2,
      attributes: 0,
      locks: 'original',
      overItself: false,
      ...options,
    };
    const program = fileURLToPath(new URL('./server.js', import.meta.url));
    this.#child = spawn(process.execPath, [program, JSON.stringify(given)], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#errors.push(chunk.toString()));
    if (!this.#child.stdout) throw new Error('no output');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The server; its main thread serves. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** What the server had to say, which is nothing unless something is wrong. */
  get errors(): string {
    return this.#errors.join('');
  }

  /** @param command `cut SEED` makes the choice that belongs to a seed; after `crash SEED` the server is gone, too */
  async command(
    command: 'enable' | 'disable' | 'status' | 'cut' | `${'cut' | 'crash'} ${number}`,
  ): Promise<ServerStatus> {
    writeFileSync(join(this.#directory, 'command'), command);
    const poke = this.#child.stdio[3];
    if (poke && 'write' in poke) poke.write('!');
    return this.#next<ServerStatus>();
  }

  /** Polls until the status is as wanted. */
  async until(wanted: (status: ServerStatus) => boolean): Promise<void> {
    const late = performance.now() + HANG_MS;
    for (;;) {
      const status = await this.command('status');
      if (wanted(status)) return;
      if (performance.now() > late) throw new Error(`${wanted} in vain: ${JSON.stringify(status)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Polls until this many requests are parked. */
  untilParked(count: number): Promise<void> {
    return this.until(({ parked }) => parked === count);
  }

  /** Ends the connection by force, for clients that hang. */
  abort(): void {
    if (this.#connection >= 0) abortConnection(this.#connection);
  }

  /**
   * Unmounts and waits for the server to end by itself; a server that does not is a failure. Mount namespaces that others
   * made meanwhile hold copies of the mount, so after a while the connection is ended by force, which is not a failure.
   */
  async stop(): Promise<void> {
    clearTimeout(this.#guard);
    const { exitCode, signalCode } = this.#child;
    const ended = exitCode === null && signalCode === null ? once(this.#child, 'exit') : Promise.resolve();
    trySyscall(SYS.umount2, cString(this.mounted), MNT_DETACH);
    let hung = false;
    const force = setTimeout(() => this.abort(), 2000);
    const kill = setTimeout(() => {
      hung = true;
      this.#child.kill('SIGKILL');
    }, HANG_MS);
    await ended;
    clearTimeout(force);
    clearTimeout(kill);
    rmSync(this.#directory, { recursive: true, force: true });
    if (hung) throw new Error(`the server did not end after the unmount: ${this.errors}`);
  }

  async #next<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done) throw new Error(`the server ended: ${this.errors}`);
    return JSON.parse(line.value) as T;
  }
}
