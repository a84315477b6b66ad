import { ERRNO, SyscallError } from '@ordeal/linux';
import type { DescriptionTable } from './description-table.js';
import { type DirectoryName, directoriesOnOldSide } from './directories.js';
import { executesOldSide, THE_EXECUTABLE } from './executable.js';
import { FileTable, type HeldDescriptor, isForbidden } from './file-table.js';
import { describe } from './install-descriptors.js';
import { describeMapping, type OldMapping, surveyMappings } from './mapping-survey.js';
import type { OldSide } from './old-side.js';
import { registeredFiles } from './ring-files.js';
import type { LeftBehind } from './sides.js';
import { groupThreads, type KnownThreads } from './thread-groups.js';

/** What one process has on the old side. The survey touches nothing. */
export interface ProcessSurvey {
  readonly pid: number;
  readonly threads: number;
  /** What can be moved. */
  readonly tables: readonly { readonly table: FileTable; readonly held: readonly HeldDescriptor[] }[];
  readonly directories: readonly { readonly tid: number; readonly which: readonly DirectoryName[] }[];
  readonly mappings: readonly OldMapping[];
  /** Whether the file that it executes moves. */
  readonly executable: boolean;
  /** What cannot. */
  readonly left: readonly LeftBehind[];
}

export interface SurveyContext {
  readonly oldSide: OldSide;
  readonly descriptions: DescriptionTable;
  /** Whether programs and libraries move too. */
  readonly executables: boolean;
}

/** A process whose surveys recognise what earlier ones found, and leave out what could not be moved. */
export class SurveyedProcess {
  readonly pid: number;
  readonly #tables = new Map<number, FileTable>();
  readonly #threads: KnownThreads = new Map();
  readonly #refused = new Map<string, LeftBehind>();
  #unable: string | undefined;

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Excludes something from later surveys: a mapping by {@link describeMapping}, a directory by its name. */
  refuse(left: LeftBehind): void {
    this.#refused.set(left.what, left);
  }

  /** Excludes the whole process from later surveys: it cannot be made to run system calls. */
  refuseAll(reason: string): void {
    this.#unable = reason;
  }

  /** A process that has ended has nothing; one that cannot be inspected keeps everything. @throws SyscallError */
  survey(context: SurveyContext): ProcessSurvey {
    try {
      return this.#look(context);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      const left = [{ what: 'whatever it has open', reason: 'may not be looked into' }];
      return {
        pid: this.pid,
        threads: 0,
        tables: [],
        directories: [],
        mappings: [],
        executable: false,
        left,
      };
    }
  }

  #look({ oldSide, descriptions, executables }: SurveyContext): ProcessSurvey {
    const groups = groupThreads(this.pid, this.#threads);
    const left: LeftBehind[] = [];
    const tables = groups.fileTables.map((tid) => {
      const table = this.#tableOf(tid);
      try {
        return { table, held: table.survey(oldSide, descriptions) };
      } catch (error) {
        if (!lacksThreadDescriptors(error)) throw error;
        left.push({ what: `the descriptors of thread ${tid}`, reason: 'are its own, which needs Linux 6.9' });
        return { table, held: [] };
      }
    });
    const mappings = surveyMappings(this.pid, oldSide, executables);
    const directories = groups.directories.map((tid) => ({
      tid,
      which: directoriesOnOldSide(this.pid, tid, oldSide),
    }));
    const executable = executables && executesOldSide(this.pid, oldSide);
    const onOldSide = new Set<string>([
      ...(executable ? [THE_EXECUTABLE] : []),
      ...directories.flatMap(({ which }) => which),
      ...mappings.moving.map(describeMapping),
    ]);
    const found: ProcessSurvey = {
      pid: this.pid,
      threads: groups.all.length,
      tables: tables
        .map(({ table, held }) => ({ table, held: held.filter((entry) => entry.stays === undefined) }))
        .filter(({ held }) => held.length > 0),
      directories: directories
        .map(({ tid, which }) => ({ tid, which: which.filter((name) => !this.#refused.has(name)) }))
        .filter(({ which }) => which.length > 0),
      mappings: mappings.moving.filter((mapping) => !this.#refused.has(describeMapping(mapping))),
      executable: executable && !this.#refused.has(THE_EXECUTABLE),
      left: [
        ...left,
        ...tables.flatMap(({ held }) => held.filter(({ stays }) => stays !== undefined).map(staying)),
        ...tables.flatMap(({ table }) => registeredFiles(this.pid, table.anonymous, oldSide)),
        ...mappings.left,
        ...[...this.#refused.values()].filter(({ what }) => onOldSide.has(what)),
      ],
    };
    return this.#unable === undefined ? found : withoutWork(found, this.#unable);
  }

  #tableOf(tid: number): FileTable {
    const known = this.#tables.get(tid);
    if (known) return known;
    const table = new FileTable(this.pid, tid);
    this.#tables.set(tid, table);
    return table;
  }
}

/** EINVAL of pidfd_open(PIDFD_THREAD): the kernel is older than 6.9. */
function lacksThreadDescriptors(error: unknown): boolean {
  return error instanceof SyscallError && error.errno === ERRNO.EINVAL;
}

/** Whether there is anything to move. */
export function hasWork(survey: ProcessSurvey): boolean {
  return survey.tables.length + survey.directories.length + survey.mappings.length > 0 || survey.executable;
}

/** For messages: all that could be moved. */
export function describeWork({ tables, directories, mappings, executable }: ProcessSurvey): string[] {
  return [
    ...tables.flatMap(({ held }) => held.map(describe)),
    ...directories.flatMap(({ which }) => which),
    ...mappings.map(describeMapping),
    ...(executable ? [THE_EXECUTABLE] : []),
  ];
}

function withoutWork(survey: ProcessSurvey, reason: string): ProcessSurvey {
  const left = [...survey.left, ...describeWork(survey).map((what) => ({ what, reason }))];
  return { ...survey, tables: [], directories: [], mappings: [], executable: false, left };
}

function staying(entry: HeldDescriptor): LeftBehind {
  return { what: describe(entry), reason: entry.stays ?? '' };
}
