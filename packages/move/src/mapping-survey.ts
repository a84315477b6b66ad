import { constants, readFileSync } from 'node:fs';
import {
  cString,
  type Fd,
  type FileIdentity,
  identifyDescriptor,
  identifyPath,
  O_PATH,
  openPath,
} from '@ordeal/linux';
import { isGone } from './file-table.js';
import type { OldSide } from './old-side.js';
import { type Mapping, parseMaps, parseVmFlags } from './proc-text.js';
import type { LeftBehind } from './sides.js';

/** A mapping of a file of the old side. */
export interface OldMapping extends Mapping {
  /** Two-letter names of the VmFlags in `/proc/PID/smaps`. */
  readonly flags: ReadonlySet<string>;
}

export interface MappingSurvey {
  readonly moving: OldMapping[];
  readonly left: LeftBehind[];
}

/** Flags of mappings that cannot be recreated from outside, and what they mean. */
const IMMOVABLE: Readonly<Record<string, string>> = {
  um: 'is watched with userfaultfd',
  uw: 'is watched with userfaultfd',
  ui: 'is watched with userfaultfd',
  io: 'is memory of a device',
  pf: 'is memory of a device',
  ht: 'is made of huge pages',
  sf: 'was made with MAP_SYNC',
  sl: 'is sealed',
};

/**
 * The mappings of a process of files on the old side. Mappings of a program or library (a file that is mapped
 * executable) stay unless `executables`.
 *
 * @throws SyscallError if the process may not be looked into; a vanished process has none
 */
export function surveyMappings(pid: number, oldSide: OldSide, executables: boolean): MappingSurvey {
  const devices = oldSide.devicesSeenBy(pid);
  const none: MappingSurvey = { moving: [], left: [] };
  try {
    const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
    if (!oldSide.mayBeIn(maps)) return none;
    const candidates = parseMaps(maps).filter(
      (mapping) =>
        (devices === undefined || devices.has(mapping.device)) && oldSide.mayBeMappedAs(mapping.path),
    );
    if (candidates.length === 0) return none;
    const found = inMapFiles(pid, candidates, oldSide);
    if (found.length === 0) return none;
    const flags = parseVmFlags(readFileSync(`/proc/${pid}/smaps`, 'latin1'));
    const code = new Set(found.filter((mapping) => mapping.executable).map((mapping) => mapping.inode));
    const survey: MappingSurvey = { moving: [], left: [] };
    for (const mapping of found) {
      const old: OldMapping = { ...mapping, flags: flags.get(mapping.start) ?? new Set() };
      const reason =
        !executables && code.has(mapping.inode) ? 'belongs to a program or library' : whyImmovable(old);
      if (reason === undefined) survey.moving.push(old);
      else survey.left.push({ what: describeMapping(mapping), reason });
    }
    return survey;
  } catch (error) {
    if (isGone(error)) return none;
    throw error;
  }
}

/** Opens (O_PATH) what is mapped. The caller closes it. `undefined` if the mapping is gone. */
export function openMapped(pid: number, mapping: Mapping): { fd: Fd; identity: FileIdentity } | undefined {
  try {
    const fd = openPath(mapFile(pid, mapping), O_PATH);
    return { fd, identity: identifyDescriptor(fd.number) };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** For messages. */
export function describeMapping(mapping: Mapping): string {
  return `mapping ${mapping.start.toString(16)}-${mapping.end.toString(16)} of ${mapping.path}`;
}

/** The link that leads to the mapped file itself, whatever its name (Linux 3.3; needs CAP_SYS_ADMIN). */
export function mapFile(pid: number, { start, end }: Mapping): string {
  return `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
}

function inMapFiles(pid: number, candidates: readonly Mapping[], oldSide: OldSide): Mapping[] {
  return candidates.filter((mapping) => {
    const identity = identifyPath(-1, cString(mapFile(pid, mapping)));
    if (!identity || !oldSide.onMount(identity)) return false;
    const opened = openMapped(pid, mapping);
    if (!opened) return false;
    const belongs = oldSide.onMount(opened.identity) && oldSide.contains(opened.fd.number);
    opened.fd.close();
    return belongs && isRegular(opened.identity);
  });
}

function isRegular(identity: FileIdentity): boolean {
  return (identity.mode & constants.S_IFMT) === constants.S_IFREG;
}

function whyImmovable(mapping: OldMapping): string | undefined {
  const flag = Object.keys(IMMOVABLE).find((name) => mapping.flags.has(name));
  return flag === undefined ? undefined : IMMOVABLE[flag];
}
