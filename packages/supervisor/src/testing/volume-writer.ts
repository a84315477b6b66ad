import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cgroup2Root } from '@ordeal/linux';
import { ioChaos } from './documents.js';
import { eventually } from './eventually.js';

/**
 * Keeps a log and a file open; appends numbered lines, reads, syncs, and notes each failure: `write EIO`. A failed
 * write has written nothing, so its number is repeated; `looks` makes it look in the log after ECONNABORTED.
 */
const PROGRAM = `
import errno, os, sys, time
volume, notes, looks = sys.argv[1], open(sys.argv[2], "a", buffering=1), "looks" in sys.argv
log = os.open(volume + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
data = os.open(volume + "/data", os.O_RDWR | os.O_CREAT)
size = os.fstat(log).st_size
number = 0
if size: number = int(os.pread(log, 64, max(0, size - 64)).split(b"\\n")[-2]) + 1
def attempt(name, call):
    try:
        call()
        return True
    except OSError as error:
        notes.write(name + " " + errno.errorcode[error.errno] + "\\n")
        return looks and call == append and error.errno == errno.ECONNABORTED and appended()
def append():
    os.write(log, b"%d\\n" % number)
def appended():
    line = b"%d\\n" % number
    while True:
        try: return os.pread(log, len(line), max(0, os.fstat(log).st_size - len(line))) == line
        except OSError: time.sleep(0.002)
attempt("write", lambda: os.pwrite(data, b"x" * 4096, 0))
while True:
    if attempt("write", append): number += 1
    attempt("read", lambda: os.pread(data, 100, 0))
    attempt("fsync", lambda: os.fsync(log))
    attempt("open", lambda: os.close(os.open(volume + "/data", os.O_RDONLY)))
    time.sleep(0.002)
`;

let cgroups = 0;

/** A process with a volume, in a mount namespace and a cgroup of its own. */
export class VolumeWriter {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-supervisor-'));
  readonly volume = join(this.directory, 'volume');
  /** Below the root of the v2 hierarchy. */
  readonly cgroup = `ordeal-writer-${process.pid}-${cgroups++}`;
  readonly #words: string;
  #pid = 0;

  /** @param looks whether it expects that nobody knows if an append in doubt was carried out, and looks itself */
  constructor({ looks = false } = {}) {
    this.#words = looks ? 'looks' : '';
    mkdirSync(this.volume);
    writeFileSync(this.#path('writer.py'), PROGRAM);
    writeFileSync(this.#path('notes'), '');
    this.start();
  }

  get pid(): number {
    return this.#pid;
  }

  /** An injection that makes half of its writes fail with EIO. */
  get badWrites() {
    const { volume, cgroup } = this;
    return {
      document: ioChaos({
        action: 'fault',
        errno: 5,
        methods: ['write'],
        percent: 50,
        volumePath: volume,
      }),
      target: { kind: 'cgroup', path: cgroup },
    } as const;
  }

  start(): void {
    mkdirSync(this.#cgroupPath);
    const { volume } = this;
    const writer = `exec python3 ${this.#path('writer.py')} ${volume} ${this.#path('notes')} ${this.#words}`;
    const program = `echo $$ >${this.#cgroupPath}/cgroup.procs && ${writer}`;
    const script = `unshare --mount --propagation private sh -c '${program}' >${this.#path('output')} 2>&1 </dev/null & echo $!`;
    this.#pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
  }

  /** SIGKILL, and its cgroup is removed. */
  async kill(): Promise<void> {
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    await eventually('its cgroup is empty', () => {
      try {
        rmdirSync(this.#cgroupPath);
        return true;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT';
      }
    });
  }

  /** Its notes since the last call, each with its count. */
  notes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const line of read(this.#path('notes')).split('\n').filter(Boolean)) {
      counts[line] = (counts[line] ?? 0) + 1;
    }
    writeFileSync(this.#path('notes'), '');
    return counts;
  }

  /** Waits until it has failed in this way, from now on. */
  async fails(how: string): Promise<void> {
    this.notes();
    await eventually(`it notes ${how}`, () => how in this.notes());
  }

  /** Waits until it has worked for a while without failing in this way. */
  async spares(how: string): Promise<void> {
    await eventually(`it notes ${how} no more`, () => {
      this.notes();
      const before = this.lines;
      for (let more = before; more < before + 30 && this.alive; more = this.lines)
        execFileSync('sleep', ['0.01']);
      return !(how in this.notes());
    });
  }

  /** How many lines the log has; none may be missing, doubled or torn. */
  get lines(): number {
    const lines = read(`/proc/${this.pid}/root${this.volume}/log`).split('\n').slice(0, -1);
    for (const [index, line] of lines.entries()) {
      if (line !== String(index)) throw new Error(`line ${index} is '${line}'`);
    }
    return lines.length;
  }

  get alive(): boolean {
    return /^State:\t[RSD]/m.test(read(`/proc/${this.pid}/status`));
  }

  /** Whether a file system of Ordeal is mounted in its mount namespace. */
  get covered(): boolean {
    return read(`/proc/${this.pid}/mountinfo`).includes('fuse.ordeal');
  }

  /** Id of the mount of Ordeal's file system that it sees. */
  get coverId(): string | undefined {
    const lines = read(`/proc/${this.pid}/mountinfo`).split('\n');
    return lines.find((line) => line.includes('fuse.ordeal'))?.split(' ')[0];
  }

  /** Waits until it works on its own file system, without failures. */
  async becomesBare(): Promise<void> {
    await eventually('nothing is mounted', () => !this.covered);
    this.notes();
    const before = this.lines;
    await eventually('it writes on', () => this.lines > before + 10);
    const notes = this.notes();
    if (Object.keys(notes).length > 0) throw new Error(`it fails still: ${JSON.stringify(notes)}`);
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #cgroupPath(): string {
    return join(cgroup2Root() ?? '/sys/fs/cgroup', this.cgroup);
  }

  #path(name: string): string {
    return join(this.directory, name);
  }
}

/** Processes whose environment names a run directory: all that hold its injections. */
export function processesOf(runDirectory: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => read(`/proc/${pid}/environ`).includes(`ORDEAL_RUN=${runDirectory}\0`))
    .map(Number);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
