import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A value a file. A failed `put` leaves the old value, and nothing else. */
export class Store {
  #directory;

  constructor(directory) {
    this.#directory = directory;
  }

  get(key) {
    return readFileSync(join(this.#directory, key), 'utf8');
  }

  put(key, value) {
    const temporary = join(this.#directory, `${key}.new`);
    try {
      const file = openSync(temporary, 'w');
      try {
        writeFileSync(file, value);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, join(this.#directory, key));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}
