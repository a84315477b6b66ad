// What tests can leave on a machine. By itself (`node scripts/leftovers.mjs`) this removes all files and cgroups with a
// name of Ordeal's that no process uses: for machines on which nobody else uses Ordeal.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHARED = [
  ...['/tmp', '/var/tmp', '/dev/shm', '/run', '/run/runc', '/run/netns'].map((path) => [path, /^ordeal-/]),
  ...['/run/ordeal', '/run/ordeal/io'].map((path) => [path, /^(?!io$)/]),
];

/** The directories that tests share with other programs, each with what the names in it look like that are ours. */
export function sharedDirectories() {
  const cgroups = cgroupHierarchies().flatMap((path) => [
    [path, /^ordeal-/],
    [join(path, 'ordeal'), /^\d/],
  ]);
  return [...SHARED, ...cgroups];
}

/** Where the cgroup hierarchies of this machine are mounted. */
export function cgroupHierarchies() {
  return mountPoints((fields) => /^cgroup2?$/.test(fields.at(-3)));
}

/** What has a name of ours in such directories. */
export function namedLeftovers(directories) {
  return directories.flatMap(([directory, ours]) =>
    entries(directory)
      .filter((name) => ours.test(name))
      .map((name) => join(directory, name)),
  );
}

/** Mount points at and below a directory, the youngest first. */
export function mountsBelow(directory) {
  return mountPoints((fields) => isBelow(unescaped(fields[4]), directory)).reverse();
}

/** Loop devices whose file lies below a directory: `/dev/loop0`. */
export function loopDevicesBelow(directory) {
  return entries('/sys/block')
    .filter((name) => isBelow(read(`/sys/block/${name}/loop/backing_file`), directory))
    .map((name) => `/dev/${name}`);
}

/** Processes with a text in their environment, such as `NAME=value`. @returns {{ pid: number, command: string }[]} */
export function processesWith(text) {
  return pids()
    .filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(text))
    .map((pid) => ({ pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim() }));
}

/** Whether a process names a path in its arguments or environment, has it open or works in it. */
export function isUsed(path) {
  return pids().some((pid) => {
    const texts = ['environ', 'cmdline', 'cgroup'].map((name) => read(`/proc/${pid}/${name}`));
    const links = ['cwd', 'root', ...entries(`/proc/${pid}/fd`).map((fd) => `fd/${fd}`)];
    return [...texts, ...links.map((name) => target(`/proc/${pid}/${name}`))].some((text) =>
      text.includes(path),
    );
  });
}

/** Removes a file, a cgroup, or a directory with what is mounted below it, as far as that is possible. */
export function remove(path) {
  for (const point of mountsBelow(path)) tryTo(() => run('umount', '--lazy', point));
  for (const device of loopDevicesBelow(path)) tryTo(() => run('losetup', '--detach', device));
  tryTo(() => (path.startsWith('/sys/') ? rmdirSync(path) : rmSync(path, { recursive: true, force: true })));
}

function mountPoints(wanted) {
  const lines = read('/proc/self/mountinfo').split('\n').filter(Boolean);
  const fields = lines.map((line) => line.split(' '));
  return fields.filter(wanted).map((each) => unescaped(each[4]));
}

/** Blanks in mountinfo are written as `\040`. */
function unescaped(path) {
  return path.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
}

const isBelow = (path, directory) => path.trim() === directory || path.startsWith(`${directory}/`);
const pids = () => entries('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
const run = (program, ...words) => execFileSync(program, words, { stdio: 'ignore' });
const entries = (directory) => tryTo(() => readdirSync(directory)) ?? [];
const read = (path) => tryTo(() => readFileSync(path, 'utf8')) ?? '';
const target = (path) => tryTo(() => readlinkSync(path)) ?? '';

/** Processes and files come and go while this looks: what is gone is not found. */
function tryTo(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const path of namedLeftovers(sharedDirectories()).filter((path) => !isUsed(path))) {
    console.log(`removing ${path}`);
    remove(path);
  }
}
