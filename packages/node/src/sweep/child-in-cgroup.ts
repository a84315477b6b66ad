import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import {
  childExit,
  O_PATH,
  openPipe,
  type ProcessExit,
  type StartInCgroup,
  startInCgroup,
} from '@ordeal/linux';

/** Milliseconds; only a number, since SIGCHLD tells. */
const HOLD = 10_000;

/** What is started, with its input; its output is read here. */
export interface ChildRequest extends Pick<StartInCgroup, 'command' | 'name'> {
  /** The directory of its cgroup. */
  readonly cgroup: string;
  /** A file. */
  readonly stdin: string;
}

/** A command that was started in a cgroup. Its owner closes it. */
export class ChildInCgroup {
  readonly stdout: Socket;
  readonly stderr: Socket;
  /** How it ended. */
  readonly ended: Promise<ProcessExit>;
  readonly #holding: NodeJS.Timeout;
  readonly #stopLooking: () => void;

  /** @throws SyscallError; Error of node:fs */
  static start({ cgroup, stdin, ...what }: ChildRequest): ChildInCgroup {
    const opened: number[] = [];
    const open = (path: string, flags: number) => {
      const fd = openSync(path, flags);
      opened.push(fd);
      return fd;
    };
    const [[stdout, toStdout], [stderr, toStderr]] = [openPipe(), openPipe()];
    opened.push(toStdout, toStderr);
    try {
      const pid = startInCgroup({
        ...what,
        cgroup: open(cgroup, constants.O_RDONLY | constants.O_DIRECTORY),
        // By its path: it may lie in a volume that was covered since this process entered it.
        directory: open(process.cwd(), O_PATH | constants.O_DIRECTORY),
        stdio: [open(stdin, constants.O_RDONLY), toStdout, toStderr],
      });
      return new ChildInCgroup(pid, stdout, stderr);
    } catch (error) {
      opened.push(stdout, stderr);
      throw error;
    } finally {
      for (const fd of opened) closeSync(fd);
    }
  }

  private constructor(pid: number, stdout: number, stderr: number) {
    this.stdout = new Socket({ fd: stdout, readable: true, writable: false });
    this.stderr = new Socket({ fd: stderr, readable: true, writable: false });
    let look: () => void = () => undefined;
    this.ended = new Promise((resolve, reject) => {
      look = () => {
        try {
          const exit = childExit(pid);
          if (!exit) return;
          this.#stopLooking();
          resolve(exit);
        } catch (error) {
          this.#stopLooking();
          reject(error);
        }
      };
    });
    this.#stopLooking = () => {
      process.off('SIGCHLD', look);
      clearInterval(this.#holding);
    };
    process.on('SIGCHLD', look);
    // A listener alone does not keep the event loop alive.
    this.#holding = setInterval(look, HOLD);
    look();
  }

  close(): void {
    this.#stopLooking();
    this.stdout.destroy();
    this.stderr.destroy();
  }
}
