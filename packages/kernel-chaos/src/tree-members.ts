/** The members in the map that the BPF programs use. */
export interface Members {
  add(pid: number): void;
  remove(pid: number): void;
}

/**
 * Adds a process and its descendants to the members, while the fork program adds each child of a member and the exit
 * program removes members.
 *
 * A child that a process forked before it became a member exists when the next reading begins. So a reading in which
 * every process is a member already misses none, except one whose parent forked it unnoticed and ended before that
 * reading: it is then a child of init's.
 *
 * @param readTree the process and its living descendants, parents first
 */
export function addTree(
  root: number,
  readTree: () => readonly number[],
  isAlive: (pid: number) => boolean,
  members: Members,
): void {
  // The root first: what it forks from here on is followed.
  const added = new Set([root]);
  members.add(root);
  for (let fresh = readTree().filter((pid) => !added.has(pid)); fresh.length > 0; ) {
    for (const pid of fresh) {
      added.add(pid);
      members.add(pid);
    }
    fresh = readTree().filter((pid) => !added.has(pid));
  }
  // One that ended before it was added has not been removed, and its id may be given to another.
  for (const pid of added) if (!isAlive(pid)) members.remove(pid);
}
