import { type CoveredPath, openCoveredPath, removeRecordedCover } from '@ordeal/cover';
import { abortConnection } from '@ordeal/fuse';
import { type Fd, identifyDescriptor, type Mount, readMounts } from '@ordeal/linux';
import type { Journal } from '../journal/journal.js';
import type { JournalFile } from '../journal/journal-file.js';
import { moveBack } from '../mover/move-back.js';
import { objectionsToMove } from '../mover/objections.js';
import { awaitEnd, endProcess, isAlive, nameProcess } from '../process-name.js';
import { reached } from '../steps.js';
import { cutOffSockets } from '../volume/cut-off-sockets.js';
import { mountNamespaceOf, processIn } from '../volume/mount-namespace.js';
import { detachedVolume, usersOf, whyServed } from '../volume/volume-users.js';
import { StoppedServer } from './stopped-server.js';

/** The result of recovering one injection. */
export interface Recovered {
  readonly id: string;
  /** The volume; the path of the journal if it is `unreadable`. */
  readonly path: string;
  /** The process by which the volume was found; undefined if it is `unreadable`. */
  readonly pid: number | undefined;
  /**
   * `held`: a live process holds it and was left alone. `partly`: some of it remains. `unreadable`: its journal
   * cannot be used, and was kept.
   */
  readonly outcome: 'recovered' | 'held' | 'partly' | 'unreadable';
  /** Descriptions, one for each step. */
  readonly did: readonly string[];
}

/** Milliseconds in which a killed process ends, unless it waits for a dead file system. */
const END_LIMIT = 1_000;
/** Milliseconds in which a server ends after its last file was closed. */
const LAST_CLOSE = 3_000;

/**
 * Undoes one injection in place of its keeper. Every step can be repeated: if a recovery is killed, the next one
 * continues.
 */
export class Recovery {
  readonly #file: JournalFile;
  readonly #did: string[] = [];
  #aborted = false;
  #stopped: StoppedServer | undefined;

  /** @param file which it closes or removes at the end */
  constructor(file: JournalFile) {
    this.#file = file;
  }

  get #journal(): Journal {
    return this.#file.journal;
  }

  /** Never throws. */
  async run(): Promise<Recovered> {
    const { id, path, pid } = this.#journal;
    let left: readonly string[];
    try {
      this.#file.write({ keeper: nameProcess(process.pid) ?? this.#journal.keeper });
      reached('recovery', 'begun');
      await this.#endMover();
      left = await this.#takeBack();
      reached('recovery', 'moved back');
      if (left.length === 0) left = await this.#endServers();
      reached('recovery', 'closed');
    } catch (error) {
      left = [error instanceof Error ? error.message : String(error)];
    }
    if (left.length > 0) {
      this.#file.close();
      return { id, path, pid, outcome: 'partly', did: [...this.#did, ...left] };
    }
    this.#file.remove();
    return { id, path, pid, outcome: 'recovered', did: [...this.#did, 'removed the journal'] };
  }

  /** @returns what could not be restored */
  async #takeBack(): Promise<string[]> {
    const { namespace, source, path } = this.#journal;
    const pid = processIn(namespace, this.#journal.pid);
    if (pid === undefined) {
      this.#did.push('its mount namespace is gone, and all that was mounted in it');
      return [];
    }
    const mounts = readMounts(pid);
    const cover = mounts.find((mount) => mount.source === source && mount.type === 'fuse.ordeal');
    if (cover === undefined) {
      this.#did.push(`nothing is mounted over ${path} any more`);
      const shield = mounts.find((mount) => this.#isShield(mount, mounts));
      return this.#moveFrom(undefined, await this.#uncover(this.#placeOf(pid, shield)));
    }
    // The journal may be older than the mount; the next recovery may find it detached and must know it then.
    if (!this.#journal.mounts.includes(cover.id)) this.#file.write({ mounts: [cover.id] });
    const place = this.#placeOf(pid, cover);
    const top = openCoveredPath(place);
    try {
      if (identifyDescriptor(top.number).mount !== cover.id) {
        return [`${path} is covered by a mount that is not Ordeal’s`];
      }
      return await this.#moveFrom(top, await this.#uncover(place));
    } finally {
      top.close();
    }
  }

  /** The place is the path of the first process; another process of the namespace uses the path in mountinfo. */
  #placeOf(pid: number, seen: Mount | undefined): CoveredPath {
    const { pid: first, namespace, place } = this.#journal;
    const same = pid === first && mountNamespaceOf(first) === namespace;
    return { pid, path: same || seen === undefined ? place : seen.path };
  }

  /** A copy of the place over itself. Ids of mounts are reused, so its properties are checked, too. */
  #isShield({ id, device, parent }: Mount, mounts: readonly Mount[]): boolean {
    const below = mounts.find((mount) => mount.id === parent);
    return this.#journal.mounts.indexOf(id) > 0 && below?.device === device;
  }

  async #uncover(place: CoveredPath): Promise<CoveredPath> {
    const removed = await removeRecordedCover({ ...place, mounts: this.#journal.mounts });
    if (removed > 0) {
      this.#did.push(`took ${removed === 1 ? 'the mount' : `${removed} mounts`} off ${this.#journal.path}`);
    }
    reached('recovery', 'uncovered');
    return place;
  }

  /**
   * Moves back the users of the cover, which has been unmounted: only then can the underlying tree be reached.
   *
   * @param top the root of the cover, if it can still be opened
   */
  async #moveFrom(top: Fd | undefined, place: CoveredPath): Promise<string[]> {
    const {
      mounts,
      connection,
      pid: first,
      trustNames,
      server,
      descriptorKeeper,
      rescue,
      locksHeld,
    } = this.#journal;
    const [mount] = mounts;
    if (mount === undefined || connection === undefined) return [];
    const origin = openCoveredPath(place);
    try {
      const report = await moveBack({
        mover: {
          pid: place.pid,
          also: [first],
          // This process holds the cover open, and may see the volume as the target does.
          except: [
            process.pid,
            ...[server, descriptorKeeper].flatMap((each) => (each && isAlive(each) ? [each.pid] : [])),
          ],
          ...(!top && { detached: { mount, device: `0:${connection}` } }),
          started: (mover) => this.#file.write({ mover: nameProcess(mover) }),
        },
        sides: { from: top?.number, to: origin.number },
        trustNames,
        rescue,
        locksHeld,
        connection: this.#served ? connection : undefined,
        descriptorKeeper: () => [server, descriptorKeeper].find((each) => each && isAlive(each))?.pid,
        dead: () => this.#aborted || server === undefined || !isAlive(server),
        abort: () => this.#abort(),
        silence: async () => this.#silence(),
      });
      const moved = report.processes.map((each) => each.pid).join(', ');
      this.#did.push(...cutOffSockets(origin.number, place.pid, [place.path, this.#journal.path]));
      this.#did.push(moved === '' ? 'no process had anything open there' : `moved back process ${moved}`);
      return objectionsToMove(report);
    } finally {
      origin.close();
    }
  }

  /** Two movers must not trace the same process. One that waits for its server ends with the connection. */
  async #endMover(): Promise<void> {
    const { mover } = this.#journal;
    if (mover === undefined || !isAlive(mover)) return;
    this.#did.push(`ended process ${mover.pid}, which was moving processes`);
    if (await endProcess(mover, END_LIMIT)) return;
    this.#silence();
    this.#abort();
    await endProcess(mover, END_LIMIT);
  }

  /** The descriptor keeper holds the files until nobody needs them. @returns why the server must stay */
  async #endServers(): Promise<string[]> {
    const left = await this.#endServer();
    const { descriptorKeeper } = this.#journal;
    if (descriptorKeeper && left.length === 0) await endProcess(descriptorKeeper, END_LIMIT);
    return left;
  }

  /** It ends by itself with its last file, and is not killed while it is in use: its users would get errors. */
  async #endServer(): Promise<string[]> {
    const { server, mounts } = this.#journal;
    if (server === undefined) return [];
    const patience = this.#aborted || mounts.length === 0 ? 0 : LAST_CLOSE;
    if (await awaitEnd(server, patience)) return [];
    const users = this.#aborted || !this.#served ? [] : usersOf(detachedVolume(this.#journal));
    if (users.length > 0) {
      const words = whyServed(server.pid, users);
      // A copy of the mount ends with its namespace.
      if (users.some(({ kind }) => kind !== 'mount')) return words;
      this.#did.push(...words);
      return [];
    }
    this.#did.push(`ended process ${server.pid}, the server`);
    await this.#stopped?.kill();
    if (!(await endProcess(server, END_LIMIT))) throw new Error(`process ${server.pid} does not end`);
    return [];
  }

  /** A server that merely hangs must not write any more once its users have repeated their requests. */
  #silence(): void {
    const { server } = this.#journal;
    if (server) this.#stopped ??= StoppedServer.stop(server);
  }

  #abort(): void {
    const { connection, server } = this.#journal;
    if (connection !== undefined && server !== undefined && this.#served) abortConnection(connection);
    this.#aborted = true;
  }

  /** Whether the server may have the connection. Otherwise that has ended, and its number may be another file system's. */
  get #served(): boolean {
    const { mounts, server } = this.#journal;
    return mounts.length > 0 && server !== undefined && isAlive(server);
  }
}
