import { posix } from 'node:path';
import { Cover, type CoverOptions, type Visitor } from '@ordeal/cover';
import { abortConnection } from '@ordeal/fuse';
import { type CheckedVolume, checkVolume } from '../volume/check-volume.js';
import { boundSockets, cutOffSockets } from '../volume/cut-off-sockets.js';
import { mountNamespaceOf, processIn } from '../volume/mount-namespace.js';
import { findSpecialFiles, type SpecialFiles } from '../volume/special-files.js';
import { makeVolumeMount, type VolumeMount } from './volume-mount.js';

/** The place of a volume in a mount namespace, and the fault file system that is laid over it, one step after the other. */
export class CoveredVolume {
  readonly #runDirectory: string;
  /** A process that sees the volume. */
  readonly pid: number;
  readonly #path: string;
  /** The name of the mount namespace. */
  readonly namespace: string;
  /** A process in the namespace, as far as known. */
  #witness: number;
  #checked: CheckedVolume | undefined;
  #mount: VolumeMount | undefined;
  #cover: Cover | undefined;
  /** Those that were bound before. */
  #sockets: ReadonlySet<number> = new Set();

  constructor(runDirectory: string, pid: number, path: string) {
    this.#runDirectory = runDirectory;
    this.pid = pid;
    this.#path = path;
    this.namespace = mountNamespaceOf(pid) ?? '';
    this.#witness = pid;
  }

  /** Whether no process is left in the mount namespace. */
  get deserted(): boolean {
    const witness = processIn(this.namespace, this.#witness);
    this.#witness = witness ?? this.#witness;
    return witness === undefined;
  }

  /** The path as the process sees it; without symbolic links once it has been checked. */
  get place(): string {
    return this.#checked?.place ?? this.#path;
  }

  /** Descriptor of the original tree; -1 before it is open. */
  get origin(): number {
    return this.#checked?.origin.number ?? -1;
  }

  /** The fault file system; undefined before it is made. */
  get mount(): VolumeMount | undefined {
    return this.#mount;
  }

  /** Whether it is, or was, laid over the path. */
  get covered(): boolean {
    return this.#cover !== undefined;
  }

  /** @throws OrdealError ORD-711 if the path must not be covered; ORD-753 */
  check(): void {
    this.#checked = checkVolume(this.#runDirectory, this.pid, this.#path);
  }

  /** Sockets and FIFOs, which stay the original inodes. */
  findSpecialFiles(): SpecialFiles {
    const special = findSpecialFiles(this.origin, this.pid, this.place);
    this.#sockets = boundSockets(this.pid);
    return special;
  }

  /** After the check. @throws OrdealError ORD-704, UnsupportedError ORD-701 */
  makeMount(source: string): VolumeMount {
    if (!this.#checked) throw new TypeError('the volume has not been checked');
    this.#mount = makeVolumeMount(this.#checked, source);
    return this.#mount;
  }

  /**
   * Lays the fault file system over the path, if that is still free.
   *
   * @returns descriptions of the special files that are not the original inodes there
   * @throws OrdealError ORD-711, ORD-753
   */
  async cover(options: CoverOptions): Promise<readonly string[]> {
    if (!this.#mount) throw new TypeError('there is no fault file system');
    checkVolume(this.#runDirectory, this.pid, this.#path).origin.close();
    this.#cover = await Cover.place({ pid: this.pid, path: this.#path }, this.#mount.mount, options);
    return this.#cover.failed;
  }

  async uncover(visitor: Visitor): Promise<void> {
    const pid = processIn(this.namespace, this.pid);
    // Without a process there is no namespace, and nothing mounted in it.
    if (pid !== undefined) await this.#cover?.remove(pid, visitor);
  }

  /** Descriptions of sockets that were bound while the volume was covered. */
  cutOffSockets(): string[] {
    const pid = processIn(this.namespace, this.pid);
    if (pid === undefined || !this.#checked) return [];
    const { origin, place } = this.#checked;
    return cutOffSockets(origin.number, pid, [place, posix.normalize(this.#path)], this.#sockets);
  }

  /** Ends the connection of the fault file system: whoever waits for it gets an error. @param before called if there is one */
  abort(before: () => void): void {
    if (!this.#mount || this.#mount.mount.number < 0) return;
    before();
    abortConnection(this.#mount.connection);
  }

  /** Lets go of both trees; the connection lasts until {@link closeConnection}. */
  closeTrees(): void {
    this.#cover?.close();
    this.#mount?.mount.close();
    this.#checked?.origin.close();
  }

  closeConnection(): void {
    this.#mount?.device.close();
    this.#mount?.waiting.close();
  }
}
