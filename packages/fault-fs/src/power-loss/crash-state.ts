import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { cString, SYS, syscall } from '@ordeal/linux';
import { AT, O, RENAME, S } from '../backing/file-flags.js';
import type { HeldInode } from './held-inode.js';
import type { FileLoss } from './lose-data.js';
import type { UndoStep } from './lose-entries.js';

const CHUNK = 1024 * 1024;
/** PATH_MAX, include/uapi/linux/limits.h: the longest that a symbolic link can hold. */
const LONGEST_TARGET = 4096;

/**
 * Gives a file the data that is left of it.
 *
 * @param lose chooses that, and writes what is old
 * @throws Error of node:fs
 */
export function cutOff(
  inode: HeldInode,
  lose: (write: (offset: number, bytes: Uint8Array) => void) => FileLoss,
): FileLoss {
  let file = -1;
  // A file that stays as it is need not be one that can be written.
  const opened = () => {
    if (file < 0) file = openSync(inode.way, constants.O_WRONLY);
    return file;
  };
  try {
    const loss = lose((offset, bytes) => writeWhole(opened(), bytes, offset));
    if (loss.size !== inode.size) ftruncateSync(opened(), loss.size);
    return loss;
  } finally {
    if (file >= 0) closeSync(file);
  }
}

/** Takes a change of a name back. @throws Error of node:fs, SyscallError */
export function takeBack(step: UndoStep<HeldInode>): void {
  const { directory, name } = step;
  switch (step.kind) {
    case 'remove':
      removeWhole(wayTo(directory, name));
      break;
    case 'restore':
      restore(step.inode, directory, name);
      break;
    case 'rename':
      renameSync(wayTo(directory, name), wayTo(step.toDirectory, step.toName));
      break;
    case 'exchange': {
      const other = nameOf(step.toName);
      syscall(
        'renameat2',
        SYS.renameat2,
        directory.fd,
        nameOf(name),
        step.toDirectory.fd,
        other,
        RENAME.EXCHANGE,
      );
    }
  }
}

/** A further name where it has one, else a copy of it: an inode without a name cannot get one again. */
function restore(inode: HeldInode, directory: HeldInode, name: string): void {
  const way = wayTo(directory, name);
  if (!inode.isDirectory && fstatSync(inode.fd).nlink > 0) {
    syscall('linkat', SYS.linkat, inode.fd, cString(''), directory.fd, nameOf(name), AT.EMPTY_PATH);
    return;
  }
  const { mode, uid, gid, rdev } = fstatSync(inode.fd);
  if (inode.isDirectory) mkdirSync(way);
  else if (inode.type === S.IFREG) copyFile(inode, way);
  else if (inode.type === S.IFLNK) symlinkSync(targetOf(inode), way);
  else syscall('mknodat', SYS.mknodat, directory.fd, nameOf(name), mode, rdev);
  inode.become(syscall('openat', SYS.openat, directory.fd, nameOf(name), O.PATH | O.NOFOLLOW | O.CLOEXEC));
  lchownSync(way, uid, gid);
  if (inode.type !== S.IFLNK && inode.type !== S.IFREG) chmodTo(inode, mode);
}

function copyFile(inode: HeldInode, way: Buffer): void {
  const from = openSync(inode.way, constants.O_RDONLY);
  try {
    const { mode, uid, gid, atime, mtime } = fstatSync(from);
    const to = openSync(way, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      const bytes = new Uint8Array(CHUNK);
      for (let count = 1, done = 0; count > 0; done += count) {
        count = readSync(from, bytes, 0, CHUNK, done);
        writeWhole(to, bytes.subarray(0, count), done);
      }
      fchownSync(to, uid, gid);
      fchmodSync(to, mode & 0o7777);
      futimesSync(to, atime, mtime);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

/** By its descriptor, which chmod(2) itself does not take with O_PATH. */
function chmodTo(inode: HeldInode, mode: number): void {
  syscall('fchmodat', SYS.fchmodat, AT.FDCWD, cString(inode.way), mode & 0o7777);
}

function removeWhole(way: Buffer): void {
  if (!lstatSync(way).isDirectory()) {
    unlinkSync(way);
    return;
  }
  for (const name of readdirSync(way, { encoding: 'buffer' }))
    removeWhole(Buffer.concat([way, Buffer.from('/'), name]));
  rmdirSync(way);
}

function targetOf({ fd }: HeldInode): Buffer {
  const target = Buffer.alloc(LONGEST_TARGET);
  return target.subarray(0, syscall('readlinkat', SYS.readlinkat, fd, cString(''), target, LONGEST_TARGET));
}

function writeWhole(file: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done, offset + done);
  }
}

function wayTo({ way }: HeldInode, name: string): Buffer {
  return Buffer.concat([Buffer.from(`${way}/`), Buffer.from(name, 'latin1')]);
}

/** As a system call takes it: latin1, ended by a NUL. */
function nameOf(name: string): Uint8Array {
  return Buffer.from(`${name}\0`, 'latin1');
}
