import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ContainerFiles, FIRST_ID, USER, type WriterContainer } from './container-files.js';

/** How runc runs the writer. */
export interface RuncOptions {
  readonly id: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where runc keeps its state; default: below the files. */
  readonly state?: string;
  /** Default: in a user namespace of its own. */
  readonly ownUsers?: boolean;
  readonly args?: readonly string[];
}

/** A container of runc itself, with a root file system that cannot be written. The owner deletes it. */
export class RuncContainer implements WriterContainer {
  readonly id: string;
  readonly #files: ContainerFiles;
  readonly #state: string;

  constructor(files: ContainerFiles, options: RuncOptions) {
    this.id = options.id;
    this.#files = files;
    this.#state = options.state ?? join(files.directory, 'state');
    writeFileSync(join(this.#bundle, 'config.json'), JSON.stringify(configOf(files, options)));
  }

  get pid(): number {
    return (JSON.parse(this.#runc('state', this.id)) as { pid: number }).pid;
  }

  /** Leaves it before its program is executed, until {@link begin}. */
  create(): void {
    this.#runc('create', '--bundle', this.#bundle, this.id);
  }

  begin(): void {
    this.#runc('start', this.id);
  }

  start(): void {
    this.create();
    this.begin();
  }

  kill(): void {
    this.#runc('delete', '--force', this.id);
  }

  /** Runs a program of busybox inside. */
  exec(...command: string[]): string {
    return this.#runc('exec', this.id, '/bin/busybox', ...command);
  }

  get #bundle(): string {
    return join(this.#files.directory, 'bundle');
  }

  #runc(...words: string[]): string {
    const log = join(this.#files.directory, 'runc.log');
    return execFileSync('runc', ['--root', this.#state, '--log', log, ...words], {
      encoding: 'utf8',
      // What a container inherits would be waited for.
      stdio: ['ignore', words[0] === 'create' ? 'ignore' : 'pipe', 'ignore'],
    });
  }
}

function configOf(files: ContainerFiles, { id, annotations = {}, ownUsers = true, args }: RuncOptions) {
  const first = ownUsers ? FIRST_ID : 0;
  const user = ownUsers ? USER : FIRST_ID + USER;
  const mapping = [{ containerID: 0, hostID: first, size: 65_536 }];
  const bind = (source: string, destination: string) => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', 'rw', 'nosuid', 'nodev'],
  });
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: user, gid: user },
      args: args ?? ['/bin/writer', '/data', '/notes/notes'],
      env: ['PATH=/bin'],
      cwd: '/',
      noNewPrivileges: true,
      capabilities: { bounding: [], effective: [], permitted: [] },
    },
    root: { path: 'rootfs', readonly: true },
    annotations,
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      bind(files.volume, '/data'),
      bind(files.notesDirectory, '/notes'),
    ],
    linux: {
      namespaces: ['pid', 'mount', 'ipc', 'uts', ...(ownUsers ? ['user'] : [])].map((type) => ({ type })),
      ...(ownUsers && { uidMappings: mapping, gidMappings: mapping }),
      cgroupsPath: `/${id}`,
    },
  };
}
