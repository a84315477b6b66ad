import { bootId } from '@ordeal/linux';
import type { Journal } from '../journal/journal.js';
import { JournalFile } from '../journal/journal-file.js';
import { nameProcess } from '../process-name.js';

/** What the first entry says of a volume. */
export type JournaledVolume = Pick<
  Journal,
  'id' | 'namespace' | 'pid' | 'path' | 'place' | 'trustNames' | 'locksHeld' | 'rescue'
>;

/** The journal of the volume of a keeper. The file exists from the first entry on. */
export class VolumeJournal {
  readonly #runDirectory: string;
  readonly #volume: () => JournaledVolume;
  #file: JournalFile | undefined;

  /** @param volume called for the first entry */
  constructor(runDirectory: string, volume: () => JournaledVolume) {
    this.#runDirectory = runDirectory;
    this.#volume = volume;
  }

  /** What it says; undefined before the first entry. */
  get entry(): Journal | undefined {
    return this.#file?.journal;
  }

  /** @throws OrdealError ORD-715 */
  write(news: Partial<Journal>): void {
    if (this.#file) this.#file.write(news);
    else this.#file = JournalFile.create(this.#runDirectory, { ...this.#first(), ...news });
  }

  remove(): void {
    this.#file?.remove();
  }

  #first(): Journal {
    return {
      ...this.#volume(),
      boot: bootId(),
      keeper: nameProcess(process.pid) ?? { pid: process.pid, started: '' },
      server: undefined,
      descriptorKeeper: undefined,
      mover: undefined,
      source: '',
      mounts: [],
      connection: undefined,
      ended: false,
    };
  }
}
