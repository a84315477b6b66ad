import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYS } from '@ordeal/linux';

/** A process in a mount namespace of its own, with a volume. Init adopts it: its stops are not reported to this one. */
export class Target {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-inject-'));
  readonly volume = join(this.directory, 'data');
  readonly pid: number;

  /**
   * @param command what to run, without quotes
   * @param shared whether mounts made in its namespace go on to namespaces that are made from it
   */
  constructor(command: (target: Target) => readonly string[], shared = false) {
    mkdirSync(this.volume);
    const { directory } = this;
    const share = shared
      ? `mount --bind ${directory} ${directory} && mount --make-shared ${directory} && `
      : '';
    const program = `${share}exec ${command(this).join(' ')}`;
    const script = `unshare --mount --propagation private sh -c '${program}' >/dev/null 2>&1 </dev/null & echo $!`;
    this.pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Whether something is mounted over the volume. */
  get covered(): boolean {
    return readFileSync(`/proc/${this.pid}/mountinfo`, 'utf8').includes(` ${this.volume} `);
  }

  /** Whether it is in write(2). */
  get isWriting(): boolean {
    return readFileSync(`/proc/${this.pid}/syscall`, 'utf8').startsWith(`${SYS.write} `);
  }

  /** Nothing is mounted over its volume, and what it has open and mapped there is on the underlying file system. */
  async assertBare(): Promise<void> {
    assert.equal(this.covered, false, 'something is mounted still');
    const { dev } = statSync(this.volume);
    for (const links of [`/proc/${this.pid}/fd`, `/proc/${this.pid}/map_files`]) {
      for (const name of readdirSync(links)) {
        const link = linkAt(join(links, name));
        if (link === undefined) continue;
        // On a mount that has no place any more, paths begin at its root.
        if (!link.startsWith(this.volume) && !/^\/(log|records|gone|kept)/.test(link)) continue;
        assert.equal(statSync(join(links, name)).dev, dev, `${name} is ${link} of another file system`);
      }
    }
  }

  close(): void {
    process.kill(this.pid, 'SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What a descriptor or a mapping leads to; undefined if it was closed since it was listed. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Waits for something that comes true by itself, at most `limit` milliseconds; then it is taken for a failure.
 *
 * @param seen what is there instead, then
 */
export async function eventually(
  what: string,
  question: () => boolean,
  limit = 120_000,
  seen?: () => unknown,
): Promise<void> {
  const begun = performance.now();
  while (!question()) {
    if (performance.now() - begun > limit)
      throw new Error(`waited in vain: ${what}${seen ? `; there is ${seen()}` : ''}`);
    await pause(10);
  }
}
