import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../fixtures/container-writer.c', import.meta.url));

/** The user namespace of the containers: 65536 ids from here on. */
export const FIRST_ID = 100_000;
/** The user inside. */
export const USER = 1000;

/** A container that runs `writer VOLUME NOTES`, whatever engine runs it. */
export interface WriterContainer {
  readonly id: string;
  /** Of its first process, on the host. */
  readonly pid: number;
  start(): void;
  /** SIGKILL to its first process, and everything away that hinders a start under the same id. */
  kill(): void;
}

/** A directory with the root file system of a container and two volumes, for a program that keeps files open. */
export class ContainerFiles {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-container-'));
  readonly volume = join(this.directory, 'volume');
  readonly root = join(this.directory, 'bundle', 'rootfs');
  /** Seen by the container as `/notes`; the writer writes to `/notes/notes`. */
  readonly notesDirectory = join(this.directory, 'notes');

  constructor() {
    // The root of a user namespace is nobody here, and must get through.
    chmodSync(this.directory, 0o711);
    for (const name of ['bin', 'proc', 'dev', 'sys', 'data', 'notes', 'tmp']) {
      mkdirSync(join(this.root, name), { recursive: true });
    }
    execFileSync('gcc', ['-static', '-O1', '-o', join(this.root, 'bin', 'writer'), source]);
    copyFileSync('/bin/busybox', join(this.root, 'bin', 'busybox'));
    for (const directory of [this.volume, this.notesDirectory]) {
      mkdirSync(directory);
      chownSync(directory, FIRST_ID + USER, FIRST_ID + USER);
    }
  }

  /** What the writer observed since the last call, each thing with its number, its start apart. */
  notes(): Record<string, number> {
    const path = join(this.notesDirectory, 'notes');
    const counts: Record<string, number> = {};
    for (const line of read(path).split('\n').filter(Boolean)) {
      if (line !== 'started') counts[line] = (counts[line] ?? 0) + 1;
    }
    writeFileSync(path, '');
    return counts;
  }

  /** How many lines the log has. Each writer counts from 0, and none may be missing, doubled or torn. */
  lines(): number {
    const lines = read(join(this.volume, 'log')).split('\n').slice(0, -1);
    let expected = 0;
    for (const line of lines) {
      if (line === '0') expected = 0;
      assert.equal(line, String(expected++));
    }
    return lines.length;
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Lines of mountinfo of a process that are Ordeal's. */
export function coversSeenBy(pid: number): string[] {
  return read(`/proc/${pid}/mountinfo`)
    .split('\n')
    .filter((line) => line.includes('fuse.ordeal'));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
