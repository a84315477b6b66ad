import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ContainerFiles, FIRST_ID, USER, type WriterContainer } from './container-files.js';
import { eventually } from './eventually.js';
import { packImage } from './oci-image.js';

const IMAGE = 'docker.io/library/writer:1';
/** What needs devices, networks or plugins that a test has not. */
const DISABLED = [
  'grpc.v1.cri',
  'snapshotter.v1.devmapper',
  'snapshotter.v1.btrfs',
  'snapshotter.v1.zfs',
  'snapshotter.v1.aufs',
];

/** A containerd of its own, apart from the host's in all that it keeps. */
export class Containerd {
  readonly #directory = mkdtempSync(join(tmpdir(), 'ordeal-containerd-'));
  readonly #daemon: ChildProcess;

  private constructor() {
    // The root of a user namespace is nobody here, and must get through.
    chmodSync(this.#directory, 0o711);
    const file = join(this.#directory, 'config.toml');
    const disabled = DISABLED.map((name) => `"io.containerd.${name}"`).join(', ');
    const lines = [
      'version = 2',
      `root = "${this.#directory}/root"`,
      `state = "${this.#directory}/state"`,
      `disabled_plugins = [${disabled}]`,
      '[grpc]',
      `address = "${this.#socket}"`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    this.#daemon = spawn('containerd', ['--config', file, '--log-level', 'error'], { stdio: 'ignore' });
  }

  static async start(): Promise<Containerd> {
    const containerd = new Containerd();
    await eventually('containerd answers', () => containerd.#answers());
    return containerd;
  }

  /** A container of the writer with a root file system by overlayfs that cannot be written. */
  async container(files: ContainerFiles, id: string): Promise<WriterContainer> {
    const command = ['/bin/writer', '/data', '/notes/notes'];
    const user = `${USER}:${USER}`;
    const archive = packImage({ name: IMAGE, root: files.root, user, command }, files.directory);
    this.#ctr('images', 'import', archive);
    const mapping = `0:${FIRST_ID}:65536`;
    const mount = (source: string, destination: string) => [
      '--mount',
      `type=bind,src=${source},dst=${destination},options=rbind:rw`,
    ];
    const first = [
      ...['run', '--detach', '--null-io', '--snapshotter', 'overlayfs', '--read-only'],
      ...['--uidmap', mapping, '--gidmap', mapping, '--cgroup', `/${id}`],
      ...mount(files.volume, '/data'),
      ...mount(files.notesDirectory, '/notes'),
      ...[IMAGE, id],
    ];
    let made = false;
    const ctr = (...words: string[]) => this.#ctr(...words);
    const pid = () => Number(new RegExp(`^${id}\\s+(\\d+)`, 'm').exec(ctr('task', 'ls'))?.[1]);
    return {
      id,
      get pid() {
        return pid();
      },
      start() {
        ctr(...(made ? ['task', 'start', '--detach', '--null-io', id] : first));
        made = true;
      },
      kill: () => void ctr('task', 'delete', '--force', id),
    };
  }

  async close(): Promise<void> {
    for (const id of this.#ctr('container', 'ls', '--quiet').split('\n').filter(Boolean)) {
      if (this.#ctr('task', 'ls').includes(id)) this.#ctr('task', 'delete', '--force', id);
      this.#ctr('container', 'delete', id);
    }
    const ended = once(this.#daemon, 'exit');
    this.#daemon.kill('SIGTERM');
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#directory, 'socket');
  }

  #answers(): boolean {
    if (!existsSync(this.#socket)) return false;
    try {
      this.#ctr('version');
      return true;
    } catch {
      return false;
    }
  }

  #ctr(...words: string[]): string {
    return execFileSync('ctr', ['--address', this.#socket, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
