import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { FileHistory } from './file-history.js';
import { NameHistory } from './name-history.js';

/** Whole numbers below a limit. */
export type Numbers = (limit: number) => number;

const DIRECTORIES = ['one', 'two'];
const NAMES = ['a', 'b', 'c', 'd'];
const LARGEST = 12_000;

/** Makes the directories that changes happen in: they count as durable. */
export function prepareTree(root: string): void {
  for (const directory of DIRECTORIES) fs.mkdirSync(`${root}/${directory}`, { recursive: true });
}

/**
 * Changes files and names below a directory, and accounts for it. The permissions of a file are its number: no other change
 * tells it, and no power failure takes it away.
 */
export class RandomChanges {
  readonly names = new NameHistory();
  readonly files = new Map<number, FileHistory>();
  /** What was done, for people. */
  readonly done: string[] = [];
  readonly #root: string;
  readonly #random: Numbers;

  constructor(root: string, random: Numbers) {
    this.#root = root;
    this.#random = random;
  }

  /** The umask of the process must be 0. */
  make(): void {
    const paths = this.names.paths;
    const path = this.#one(paths);
    const kinds = [
      this.#write,
      this.#write,
      this.#append,
      this.#truncate,
      this.#syncFile,
      this.#syncDirectory,
    ];
    const ofNames = [this.#rename, this.#link, this.#remove];
    if (path === undefined || (paths.length < 3 && this.#random(3) === 0)) this.#create();
    else this.#one([...kinds, ...ofNames])?.call(this, path, this.names.at(path) ?? 0);
  }

  /** One that has a file, if there is one. */
  somePath(): string | undefined {
    return this.#one(this.names.paths);
  }

  #create(): void {
    const path = this.#anyPath();
    if (this.names.at(path) !== undefined) return;
    const file = this.files.size + 1;
    this.#tell(`create ${path} as ${file}`);
    fs.closeSync(fs.openSync(`${this.#root}/${path}`, 'wx', file));
    this.files.set(file, new FileHistory());
    this.names.change([[path, file]]);
  }

  #write(path: string, file: number): void {
    this.#put(path, file, this.#random(LARGEST), this.#random(5) === 0 ? 'durable' : 'plain');
  }

  #append(path: string, file: number): void {
    this.#put(path, file, this.files.get(file)?.now.length ?? 0, 'append');
  }

  #put(path: string, file: number, offset: number, how: 'plain' | 'durable' | 'append'): void {
    const bytes = Buffer.alloc(1 + this.#random(6000), 1 + this.#random(255));
    this.#tell(`write ${how} ${path} ${offset} ${bytes.length}`);
    const { O_RDWR, O_APPEND, O_DSYNC } = fs.constants;
    const flags = { plain: 0, append: O_APPEND, durable: O_DSYNC }[how];
    this.#withOpen(path, O_RDWR | flags, (fd) => fs.writeSync(fd, bytes, 0, bytes.length, offset));
    const history = this.files.get(file);
    history?.write(offset, bytes);
    if (how === 'durable') history?.syncRange(offset, bytes);
  }

  #truncate(path: string, file: number): void {
    const size = this.#random(LARGEST);
    this.#tell(`truncate ${path} ${size}`);
    fs.truncateSync(`${this.#root}/${path}`, size);
    this.files.get(file)?.truncate(size);
  }

  #syncFile(path: string, file: number): void {
    this.#tell(`fsync ${path}`);
    this.#withOpen(path, fs.constants.O_RDWR, fs.fsyncSync);
    this.files.get(file)?.sync();
    this.names.syncFile(file);
  }

  #syncDirectory(path: string): void {
    const directory = dirname(path);
    this.#tell(`fsync ${directory}`);
    this.#withOpen(directory, fs.constants.O_RDONLY, fs.fsyncSync);
    this.names.syncDirectory(directory);
  }

  #rename(path: string, file: number): void {
    const to = this.#anyPath();
    // Two names of one file: rename(2) does nothing.
    if (this.names.at(to) === file) return;
    this.#tell(`rename ${path} ${to}`);
    fs.renameSync(`${this.#root}/${path}`, `${this.#root}/${to}`);
    this.names.change([
      [path, undefined],
      [to, file],
    ]);
  }

  #link(path: string, file: number): void {
    const to = this.#anyPath();
    if (this.names.at(to) !== undefined) return;
    this.#tell(`link ${path} ${to}`);
    fs.linkSync(`${this.#root}/${path}`, `${this.#root}/${to}`);
    this.names.change([[to, file]]);
  }

  #remove(path: string): void {
    this.#tell(`unlink ${path}`);
    fs.unlinkSync(`${this.#root}/${path}`);
    this.names.change([[path, undefined]]);
  }

  #anyPath(): string {
    return `${this.#one(DIRECTORIES)}/${this.#one(NAMES)}`;
  }

  #one<T>(among: readonly T[]): T | undefined {
    return among[this.#random(Math.max(1, among.length))];
  }

  #withOpen(path: string, flags: number, action: (fd: number) => void): void {
    const fd = fs.openSync(`${this.#root}/${path}`, flags);
    try {
      action(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  #tell(what: string): void {
    this.done.push(what);
  }
}
